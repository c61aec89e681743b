package file

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/filekind"
)

// undirected looks through the further columns of a file of spend for one that says of each line where the money went.
type undirected struct {
	columns map[int]*directedColumn
}

// directedColumn counts what a column's words say of lines whose amount has a minus, and of others.
type directedColumn struct {
	others           int
	out, in          [2]int // without and with a minus
	sampleO, sampleI string
}

func (u *undirected) row(b *binder, r *row) {
	amount := slices.IndexFunc(b.kind.Columns, func(c filekind.Column) bool { return c.Name == "amount" })
	if b.kind.Name != "spend" || amount < 0 || b.byColumn[amount] < 0 || r.broken != "" {
		return
	}
	minus := 0
	for _, c := range r.cells {
		if c.column == b.byColumn[amount] && strings.ContainsAny(c.text, "-−(") {
			minus = 1
		}
	}
	for _, c := range r.cells {
		if b.bound[c.column].column >= 0 || c.kind != textValue {
			continue
		}
		d, ok := u.columns[c.column]
		if !ok {
			d = &directedColumn{}
			u.columns[c.column] = d
		}
		if d.others > 0 {
			continue
		}
		switch directionOf(c.text) {
		case noDirection:
			d.others++
		case moneyOut:
			d.out[minus]++
			d.sampleO = c.text
		case moneyIn:
			d.in[minus]++
			d.sampleI = c.text
		}
	}
}

// notes tell of a column that says what the amounts do not: their signs are the same for what came in as for what went out.
func (u *undirected) notes(b *binder) []note {
	for i, n := range b.bound {
		d := u.columns[i]
		if d == nil || d.others > 0 || d.out[0]+d.out[1] == 0 || d.in[0]+d.in[1] == 0 || n.column >= 0 {
			continue
		}
		if _, mapped := b.columns[n.rank]; mapped || d.out[0] == 0 && d.in[1] == 0 || d.out[1] == 0 && d.in[0] == 0 {
			continue
		}
		return []note{{Check: "direction_not_used", Severity: severityWarning, Rows: int64(d.in[0] + d.in[1]), Text: fmt.Sprintf(
			"column %s, with %s and %s, is not read, so what came in counts like what went out; set columns: {%q: direction}; else {%q: \"-\"}",
			quoteShort(n.header), quoteShort(d.sampleO), quoteShort(d.sampleI), n.header, n.header)}}
	}
	return nil
}
