package pipelines

import (
	"context"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/file"
)

// findDoubles refuses two connections that read the same file.
func (r *Runner) findDoubles(ctx context.Context, req *Request) (err error) {
	if !req.Extract {
		return nil
	}
	if req.doubled, err = file.Doubles(ctx, r.Config); err != nil && ctx.Err() == nil {
		return Usagef("%s: %w", r.Config.File, err)
	}
	return err
}

// tellDoubles adds what is to be said of equal files to the results of their streams.
func tellDoubles(streams []extract.StreamResult, doubled []file.Doubled) {
	for i := range streams {
		for _, d := range doubled {
			if s := &streams[i]; s.Connection == d.Connection && s.Stream == d.Stream {
				s.Findings = append(s.Findings, d.Finding)
			}
		}
	}
}
