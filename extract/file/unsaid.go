package file

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/lake"
)

// A file of events that is put back under its name may be a rolling export, whose older lines are gone from it and stay true,
// or a mended one, whose old lines were wrong. Lines that it had for the time that it still speaks of, and has no more, are
// most likely the latter. Nothing is taken away for that; it is told.

// seenEvents are the lines of a reading.
type seenEvents struct {
	ids         map[string]bool
	first, last time.Time
}

func (s *seenEvents) add(r lake.Row) {
	if r.EventAt.IsZero() {
		return
	}
	if len(s.ids) == 0 || r.EventAt.Before(s.first) {
		s.first = r.EventAt
	}
	s.last = later(s.last, r.EventAt)
	s.ids[r.RecordID] = true
}

// unsaid tells of the lines that an earlier reading of the file brought for the time that it speaks of, and that it has no more.
func (l *load) unsaid(ctx context.Context) ([]note, error) {
	if l.seen == nil || len(l.seen.ids) == 0 {
		return nil, nil
	}
	gone, sums := map[string]bool{}, map[string]*big.Rat{}
	err := l.standing(ctx, l.takesBack(), func(c *lake.Commit) (these, on bool) { // the newest version of a line first
		var cur cursor
		if len(c.Cursor) > 0 && json.Unmarshal(c.Cursor, &cur) != nil {
			return false, true
		}
		_, changed := cur.Changed[l.name]
		_, whole := cur.Files[l.name]
		return changed || whole, true
	}, func(r lake.Row) {
		file, _, _ := lake.CutLine(r.Source)
		if file == l.name && !r.EventAt.Before(l.seen.first) && !r.EventAt.After(l.seen.last) && !l.seen.ids[r.RecordID] && !gone[r.RecordID] {
			gone[r.RecordID] = true
			addAmount(sums, r.Payload)
		}
	})
	if err != nil {
		return nil, lakeError{err}
	}
	if len(gone) == 0 {
		return nil, nil
	}
	amounts := ""
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		amounts += ", " + strings.TrimSpace(sums[currency].FloatString(2)+" "+currency)
	}
	n := int64(len(gone))
	return []note{{Check: "lines_unsaid", Severity: severityWarning, Rows: n, Text: fmt.Sprintf(
		"an earlier reading of it had %s between %s and %s that %s not in it any more%s; %s. If %s wrong, and all files of the connection are still there, type: rightseat forget %s, then: rightseat run",
		counted(n, "line", "lines"), l.seen.first.In(l.zone).Format(time.DateOnly), l.seen.last.In(l.zone).Format(time.DateOnly), choose(n, "is", "are"), amounts,
		choose(n, "it still counts", "they still count"), choose(n, "it was", "they were"), l.opts.Connection.Name)}}, nil
}

func addAmount(sums map[string]*big.Rat, payload []byte) {
	var p struct{ Amount, Currency string }
	if json.Unmarshal(payload, &p) != nil {
		return
	}
	if n, ok := new(big.Rat).SetString(p.Amount); ok {
		if sums[p.Currency] == nil {
			sums[p.Currency] = new(big.Rat)
		}
		sums[p.Currency].Add(sums[p.Currency], n)
	}
}
