package transform

import (
	"context"
	"fmt"

	"github.com/rightseat/rightseat/internal/excerpt"
)

// longestSample is how many characters a check's sample may have: an unknown word may come with a list of them.
const longestSample = 1000

// runChecks runs sql/checks: queries that give check_name, severity, failing_rows, sample. Failed ones
// of severity "fatal" stop the run. The outcome is left in params.checks for reports.data_quality.
func (r *runner) runChecks(ctx context.Context) error {
	var failed []Check
	for _, m := range r.project.Checks {
		err := r.each(ctx, fmt.Sprintf("SELECT check_name, severity, failing_rows, sample FROM (\n%s\n) AS c WHERE failing_rows > 0", m.SQL),
			func(scan func(...any) error) error {
				var c Check
				var sample *string
				if err := scan(&c.Name, &c.Severity, &c.FailingRows, &sample); err != nil {
					return err
				}
				if sample != nil {
					c.Sample = excerpt.Line(*sample, longestSample)
				}
				r.result.Checks = append(r.result.Checks, c)
				if c.Severity == "fatal" {
					failed = append(failed, c)
				}
				return nil
			})
		if err != nil {
			return fmt.Errorf("check %s: %w", m.File, err)
		}
	}
	if err := r.noteShort(ctx); err != nil {
		return err
	}
	for _, c := range r.result.Checks {
		if err := r.exec(ctx, "INSERT INTO params.checks VALUES (?, ?, ?, ?)", c.Name, c.Severity, c.FailingRows, c.Sample); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return &ChecksFailed{Checks: failed}
	}
	return nil
}

// noteShort tells the caller which streams are short.
func (r *runner) noteShort(ctx context.Context) error {
	return r.each(ctx, `SELECT h.connection, h.stream, s.problem, s.remedy
FROM metrics.streams_short AS s JOIN params.health AS h ON h.connection = s.connection AND replace(h.stream, '-', '_') = s.stream
ORDER BY h.connection, h.stream`, func(scan func(...any) error) error {
		var s ShortStream
		err := scan(&s.Connection, &s.Stream, &s.Problem, &s.Remedy)
		s.Problem = excerpt.Line(s.Problem, longestSample)
		r.result.Short = append(r.result.Short, s)
		return err
	})
}
