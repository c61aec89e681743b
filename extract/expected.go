package extract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rightseat/rightseat/extract/httpapi"
)

// Names of the findings that a field which is expected, or usual, is missing in nearly all records.
const (
	findingHidden = "hidden_fields"
	findingBare   = "empty_fields"
)

// isHidden tells whether so few of the records have a field that the account may not see it.
func isHidden(having, records int64) bool {
	return records > 0 && (having == 0 || records >= 20 && having*50 < records)
}

// presence counts records, and those among them that have each of the stream's expected values.
type presence struct {
	Records int64   `json:"records"`
	Having  []int64 `json:"having,omitempty"`
}

// add takes the values of a record, by the reading's paths.
func (p *presence) add(r *reading, values [][]byte) {
	if len(r.expected) == 0 {
		return
	}
	if p.Having == nil {
		p.Having = make([]int64, len(r.expected))
	}
	p.Records++
	for i, group := range r.expected {
		for _, at := range group {
			if v := values[at]; len(v) > 0 && v[0] != 'n' && string(v) != `""` && string(v) != `"0000-00-00"` && string(v) != "[]" && string(v) != "{}" {
				p.Having[i]++
				break
			}
		}
	}
}

func (p *presence) sum(o presence) {
	if o.Having == nil {
		return
	}
	if p.Having == nil {
		p.Having = make([]int64, len(o.Having))
	}
	p.Records += o.Records
	for i, n := range o.Having {
		p.Having[i] += n
	}
}

// hidden says which expected values are missing, and which usual ones; "" when none is.
func (c *connection) hidden(p *plan, seen presence) (expected, usual string) {
	var missing, bare []string
	for i, having := range seen.Having {
		if !isHidden(having, seen.Records) {
			continue
		}
		what := fmt.Sprintf("%d of %d records have ", having, seen.Records)
		if i < len(p.spec.Expected) {
			missing = append(missing, what+strings.Join(p.spec.Expected[i], " or "))
		} else if i -= len(p.spec.Expected); i < len(p.spec.Usual) {
			bare = append(bare, what+strings.Join(p.spec.Usual[i], " or "))
		}
	}
	needs := ""
	if permissions := httpapi.Permissions(c.manifest, p.spec.Name); len(permissions) > 0 {
		needs = "; the stream needs " + strings.Join(permissions, ", ")
	}
	if len(missing) > 0 {
		expected = strings.Join(missing, "; ") + ": the account may not see it" + needs
	}
	if len(bare) > 0 {
		usual = strings.Join(bare, "; ") + ": " + c.manifest.Title + " holds none, or the account may not see it" + needs
	}
	return expected, usual
}

// checkPresence looks, at a round's end, whether the records had what they are expected to have. A snapshot that has
// not does not count as whole. Events are kept, and people are told.
func (l *landing) checkPresence() error {
	s := l.stream
	if s.round.Present == nil {
		return nil
	}
	what, usual := s.conn.hidden(s.plan, *s.round.Present)
	if usual != "" {
		s.tell(findingBare, "info", usual)
	}
	if what == "" {
		return nil
	}
	if !s.plan.isSnapshot() {
		s.tell(findingHidden, "warning", what)
		return nil
	}
	s.cur.Round = nil // the next run begins anew
	l.dirty = true
	return errors.New(what)
}
