package transform

import (
	"fmt"
	"slices"
	"strings"
)

// What staging delivers is typed here and nowhere else: a value that the column's type can't hold, or that lies outside of
// the feed's bounds (a date of the year 206, infinity, a quantity that no sum of such could hold, a name of megabytes), is NULL,
// and the column unreadable of its row names it. A row that lacks a vital value for that reason is set aside.

// Bound is what a feed's column may hold; the ends count.
type Bound struct {
	Column, Least, Most string
	// Never: a date beyond Most says that there is none.
	Never bool
}

// parseBounds reads a feed's header line: column least..most, column least..most or never, …
func parseBounds(text string) ([]Bound, error) {
	var bounds []Bound
	for _, part := range list(text) {
		words := strings.Fields(part)
		if len(words) != 2 && (len(words) != 4 || words[2] != "or" || words[3] != "never") {
			return nil, fmt.Errorf("bounds: %q: expected a column and least..most", part)
		}
		least, most, ok := strings.Cut(words[1], "..")
		if !ok {
			return nil, fmt.Errorf("bounds: %q: expected least..most", part)
		}
		bounds = append(bounds, Bound{Column: words[0], Least: least, Most: most, Never: len(words) == 4})
	}
	return bounds, nil
}

// isForeign tells columns whose values are a vendor's. Those that the runner itself makes are sound.
func (c Column) isForeign() bool {
	return !slices.Contains([]string{"connection", "seq", "snapshot_id", "snapshot_date", "read_at"}, c.Name)
}

// longest is how many bytes a text may have: more is no name, id or address, and costs the memory of whatever compares it.
func (c Column) longest() int {
	switch {
	case c.Name == "groups" || c.Name == "additional_emails" || c.Name == "unread": // lists
		return 64 << 10
	case c.Name == "memo":
		return 4 << 10
	case strings.HasSuffix(c.Name, "_id"): // made of two ids, as longest by the lake's door
		return 4 << 10
	}
	return 1 << 10
}

// sound gives a value as the column's type, NULL where it can't be one, and the condition under which that is so.
func (f *Feed) sound(c Column, value string) (typed, unreadable string) {
	if !c.isForeign() {
		return fmt.Sprintf("CAST(%s AS %s)", value, c.Type), ""
	}
	if c.Type == "VARCHAR" {
		text := fmt.Sprintf("CAST(%s AS VARCHAR)", value)
		unreadable = fmt.Sprintf("strlen(%s) > %d", text, c.longest())
		return fmt.Sprintf("CASE WHEN %s THEN NULL ELSE %s END", unreadable, text), unreadable
	}
	typed = fmt.Sprintf("TRY_CAST(%s AS %s)", value, c.Type)
	i := slices.IndexFunc(f.Bounds, func(b Bound) bool { return b.Column == c.Name })
	if i < 0 {
		return typed, isGivenBut(value, typed+" IS NOT NULL")
	}
	b := f.Bounds[i]
	least, most := b.Least, b.Most
	if c.Type == "DATE" || c.Type == "TIMESTAMP" {
		least, most = c.Type+" '"+least+"'", c.Type+" '"+most+"'"
	}
	within := fmt.Sprintf("%s BETWEEN %s AND %s", typed, least, most)
	unreadable = isGivenBut(value, within)
	if b.Never {
		unreadable = isGivenBut(value, typed+" >= "+least)
	}
	return fmt.Sprintf("CASE WHEN %s THEN %s END", within, typed), unreadable
}

// isGivenBut is the condition that a value is there, and not as it has to be. An empty text is none.
func isGivenBut(value, sound string) string {
	return fmt.Sprintf("CASE WHEN %[1]s IS NULL OR (%[2]s) THEN false ELSE trim(CAST(%[1]s AS VARCHAR)) <> '' END", value, sound)
}

// unreadableNames gives the columns of a row that are so, with commas between them; NULL without any.
func unreadableNames(conditions, names []string) string {
	if len(conditions) == 0 {
		return "CAST(NULL AS VARCHAR)"
	}
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = fmt.Sprintf("CASE WHEN %s THEN '%s' END", conditions[i], n)
	}
	return fmt.Sprintf("CASE WHEN %s THEN concat_ws(',', %s) END", strings.Join(conditions, " OR "), strings.Join(words, ", "))
}

// withVital sets rows aside that lack a vital value.
func (f *Feed) withVital(query string) string {
	if len(f.Vital) == 0 {
		return query
	}
	// What is given and can't be read says more than what is missing for it.
	var cases strings.Builder
	for _, v := range f.Vital {
		fmt.Fprintf(&cases, " WHEN ',' || f.unreadable || ',' LIKE '%%,%s,%%' THEN 'bad_%s'", v, v)
	}
	return fmt.Sprintf("SELECT f.* REPLACE (coalesce(CASE%s END, f.aside) AS aside)\nFROM (\n%s\n) AS f", cases.String(), query)
}
