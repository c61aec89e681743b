package pipelines

import (
	"context"
	"fmt"

	"github.com/rightseat/rightseat/extract"
)

// Check asks each connection, or those named, for one page of every stream and writes
// nothing in the workspace. Schedules are validated too.
func (r *Runner) Check(ctx context.Context, connections []string) (*extract.Report, error) {
	req := Request{Connections: connections, Extract: true}
	if err := r.prepare(&req); err != nil {
		return nil, err
	}
	if err := r.findDoubles(ctx, &req); err != nil {
		return nil, err
	}
	for name, p := range r.Config.Pipelines {
		if _, err := pipelineCron(r.Config, p); err != nil {
			return nil, Usagef("%s: pipelines.%s: %w", r.Config.File, name, err)
		}
	}
	report, err := r.Extractor.Check(ctx, connections)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	tellDoubles(report.Streams, req.doubled)
	for i := range report.Streams {
		s := &report.Streams[i]
		if s.Error == "" && s.Err != nil {
			s.Error = s.Err.Error()
		}
		s.Error, s.Lacks = r.Config.Secrets.Redact(s.Error), r.Config.Secrets.Redact(s.Lacks)
	}
	return report, nil
}
