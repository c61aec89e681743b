package file

import (
	"fmt"
	"time"

	"github.com/rightseat/rightseat/internal/filekind"
)

// within refuses dates that can't be, which are typing errors, a clock at its origin or a machine's word for
// never, and would make series of centuries. What happened did so since 2000 and not after tomorrow. The end of time,
// as the end of a contract or of somebody's employment, means that there is none.
func (p valueParser) within(col filekind.Column, text string, at time.Time, err error) (string, time.Time, error) {
	if err != nil {
		return text, at, err
	}
	first, last := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	tomorrow := p.now.AddDate(0, 0, 2) // its end, wherever the organisation is
	switch {
	case col.Name == p.kind.EventTime || col.Name == "snapshot_date":
		first, last = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -1), tomorrow
	case col.Name == "created_at":
		last = tomorrow
	case p.kind.Name == "org_chart":
		first = time.Date(1930, 1, 1, 0, 0, 0, 0, time.UTC)
		if col.Name == "termination_date" && !at.Before(last) {
			return "", time.Time{}, nil
		}
	case col.Name == "end_date":
		last = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if !p.now.IsZero() && (at.Before(first) || !at.Before(last)) || p.kind.Name == "org_chart" && text == "1970-01-01" {
		return "", time.Time{}, fmt.Errorf("a date that can't be (%s)", text)
	}
	return text, at, nil
}
