package extract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rightseat/rightseat/extract/httpapi"
)

// findingHidden is the name of the finding that a field is missing in nearly all records.
const findingHidden = "hidden_fields"

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
			if v := values[at]; len(v) > 0 && v[0] != 'n' && string(v) != `""` && string(v) != "[]" && string(v) != "{}" {
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

// hidden says which expected values are missing; "" when none is.
func (p *plan) hidden(seen presence, permissions []string) string {
	var missing []string
	for i, having := range seen.Having {
		if i < len(p.spec.Expected) && isHidden(having, seen.Records) {
			missing = append(missing, fmt.Sprintf("%d of %d records have %s", having, seen.Records, strings.Join(p.spec.Expected[i], " or ")))
		}
	}
	if len(missing) == 0 {
		return ""
	}
	text := strings.Join(missing, "; ") + ": the account may not see it"
	if len(permissions) > 0 {
		text += "; the stream needs " + strings.Join(permissions, ", ")
	}
	return text
}

func (c *connection) hidden(p *plan, seen presence) string {
	return p.hidden(seen, httpapi.Permissions(c.manifest, p.spec.Name))
}

// checkPresence looks, at a round's end, whether the records had what they are expected to have. A snapshot that has
// not does not count as whole. Events are kept, and people are told.
func (l *landing) checkPresence() error {
	s := l.stream
	if s.round.Present == nil {
		return nil
	}
	what := s.conn.hidden(s.plan, *s.round.Present)
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
