package transform

import (
	"fmt"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
)

// This file turns a model into SQL text: pure functions, so that tests can compare the text.
// New rows go right into the table ([insertRows]) where nothing more is asked of them, else first into a temporary
// table named [fresh].

// fresh is the temporary table that holds a model's newly computed rows.
const fresh = "temp.fresh"

func createFresh(m *Model) string {
	return fmt.Sprintf("CREATE OR REPLACE TEMP TABLE fresh AS\n%s", m.SQL)
}

func createView(m *Model) string {
	return fmt.Sprintf("CREATE OR REPLACE VIEW %s AS\n%s", m.Qualified(), m.SQL)
}

// createTable makes the empty table of a model from its query's own columns.
func createTable(m *Model) string {
	return fmt.Sprintf("CREATE TABLE %s AS\nSELECT * FROM (\n%s\n) AS q WHERE false", m.Qualified(), m.SQL)
}

// createNumbered makes the table of a numbered model: its key and the number.
func createNumbered(m *Model) string {
	k := m.Key[0]
	return fmt.Sprintf("CREATE TABLE %s AS\nSELECT %s, CAST(0 AS INTEGER) AS %s FROM (\n%s\n) AS q WHERE false",
		m.Qualified(), k, numberColumn(k), m.SQL)
}

// numberColumn names the number of a key: person_id → person_no, instance_key → instance_no.
func numberColumn(key string) string {
	base, _, _ := strings.Cut(key, "_")
	return base + "_no"
}

// appendNumbered adds the keys not seen before, in key order.
func appendNumbered(m *Model) string {
	k := m.Key[0]
	return fmt.Sprintf(`INSERT INTO %[1]s
SELECT %[2]s, CAST((SELECT coalesce(max(%[3]s), 0) FROM %[1]s) + row_number() OVER (ORDER BY %[2]s) AS INTEGER)
FROM (SELECT DISTINCT %[2]s FROM %[4]s WHERE %[2]s IS NOT NULL) AS f
WHERE NOT EXISTS (SELECT 1 FROM %[1]s AS t WHERE t.%[2]s = f.%[2]s)`, m.Qualified(), k, numberColumn(k), fresh)
}

// insertFresh adds the fresh rows, in the given order, if any: rows that are read together then lie together.
func insertFresh(m *Model, order ...string) string {
	return fmt.Sprintf("INSERT INTO %s SELECT * FROM %s%s", m.Qualified(), fresh, orderBy(order))
}

// insertRows computes the model's rows and adds them.
func insertRows(m *Model, order ...string) string {
	return fmt.Sprintf("INSERT INTO %s\nSELECT * FROM (\n%s\n) AS q%s", m.Qualified(), m.SQL, orderBy(order))
}

func orderBy(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	return " ORDER BY " + strings.Join(columns, ", ")
}

func deleteAll(m *Model) string { return "DELETE FROM " + m.Qualified() }

// daysHeld tells whether a table that says what day its rows are of has any, and whether any is of the given day.
func daysHeld(m *Model, day string) string {
	return fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %[1]s), EXISTS (SELECT 1 FROM %[1]s WHERE %[2]s = CAST('%[3]s' AS DATE))", m.Qualified(), m.asOfColumn(), day)
}

// delta is the temporary table of the rows that only one of a table and the fresh rows has.
const delta = "temp.delta"

// createDelta compares the table with the fresh rows in one pass: what both have cancels out.
func createDelta(m *Model) string { return deltaWith(m.Qualified()) }

// createMergeDelta compares the fresh rows with those that they stand for: of the same keys and of the changed dates, or
// all of the table.
func createMergeDelta(m *Model, all bool) string {
	if all {
		return createDelta(m)
	}
	return deltaWith(fmt.Sprintf(`%s AS t
WHERE t.%s IN (SELECT date FROM params.changed) OR EXISTS (SELECT 1 FROM %s AS f WHERE %s)`, m.Qualified(), m.Date, fresh, olderVersions(m)))
}

func deltaWith(stored string) string {
	return fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE delta AS
SELECT * EXCLUDE (delta_side), sum(delta_side) AS delta_side
FROM (SELECT *, 1 AS delta_side FROM %s UNION ALL SELECT *, -1 FROM %s) AS u
GROUP BY ALL HAVING sum(delta_side) <> 0`, fresh, stored)
}

// replaceChanged swaps the rows of the keys in the delta, and leaves the others where they are.
func replaceChanged(m *Model) []string {
	var on []string
	for _, k := range m.Key {
		on = append(on, fmt.Sprintf("t.%[1]s IS NOT DISTINCT FROM d.%[1]s", k))
	}
	keys := fmt.Sprintf("(SELECT DISTINCT %s FROM %s) AS d", strings.Join(m.Key, ", "), delta)
	same := strings.Join(on, " AND ")
	return []string{
		fmt.Sprintf("DELETE FROM %s AS t USING %s WHERE %s", m.Qualified(), keys, same),
		fmt.Sprintf("INSERT INTO %s SELECT t.* FROM %s AS t SEMI JOIN %s ON %s", m.Qualified(), fresh, keys, same),
	}
}

// olderVersions is the condition that target row t is an older version of fresh row f.
func olderVersions(m *Model) string {
	var on []string
	for _, k := range m.Key {
		on = append(on, fmt.Sprintf("t.%[1]s = f.%[1]s", k))
	}
	return strings.Join(on, " AND ")
}

// upsertScopes are the parts of the table in which older versions of fresh rows may stand: the
// fresh rows' own dates for everybody (the date of a vendor's event never changes), and all
// dates for connections whose rows may be corrected (files).
func upsertScopes(m *Model, low, high string, mutable []string) []string {
	scopes := []string{fmt.Sprintf("t.%s BETWEEN DATE '%s' AND DATE '%s'", m.Date, low, high)}
	if len(mutable) > 0 {
		quoted := make([]string, len(mutable))
		for i, c := range mutable {
			quoted[i] = duck.Literal(c)
		}
		scopes = append(scopes, fmt.Sprintf("t.connection IN (%s)", strings.Join(quoted, ", ")))
	}
	return scopes
}

// upsertTouched lists the dates that an upsert changes.
func upsertTouched(m *Model, scopes []string) string {
	parts := []string{fmt.Sprintf("SELECT DISTINCT %s AS d FROM %s", m.Date, fresh)}
	for _, s := range scopes {
		parts = append(parts, fmt.Sprintf("SELECT DISTINCT t.%s FROM %s AS t JOIN %s AS f ON %s WHERE %s", m.Date, m.Qualified(), fresh, olderVersions(m), s))
	}
	return "SELECT DISTINCT CAST(d AS VARCHAR) FROM (" + strings.Join(parts, "\nUNION ALL ") + ") AS u WHERE d IS NOT NULL ORDER BY 1"
}

func upsertWrite(m *Model, scopes []string) []string {
	var out []string
	for _, s := range scopes {
		out = append(out, fmt.Sprintf("DELETE FROM %s AS t USING %s AS f WHERE %s AND %s", m.Qualified(), fresh, olderVersions(m), s))
	}
	return append(out, insertFresh(m, m.Date))
}

// snapshotDelete removes the sets that new snapshots of the feed replace.
func snapshotDelete(m *Model) string {
	return fmt.Sprintf(`DELETE FROM %s AS t USING raw.new_snapshots AS n
WHERE n.feed = %s AND t.connection = n.connection AND t.%s = n.snapshot_date`, m.Qualified(), duck.Literal(m.Feed), m.Date)
}

// findNewKeys lists the keys of a model's source that no run has seen.
func findNewKeys(m *Model) string {
	return fmt.Sprintf("INSERT INTO params.new_keys SELECT %s, key FROM %s WHERE key NOT IN (%s)", duck.Literal(m.Keys), sourceKeys(m), knownKeys(m))
}

// anyKeys tells whether keys are new, or gone.
func anyKeys(m *Model) string {
	return fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM params.new_keys WHERE source = %s) OR EXISTS (%s EXCEPT SELECT key FROM %s)",
		duck.Literal(m.Keys), knownKeys(m), sourceKeys(m))
}

// noteKeys makes the known keys those of the source.
func noteKeys(m *Model) []string {
	return []string{
		fmt.Sprintf("DELETE FROM _state.keys WHERE source = %s AND key NOT IN (SELECT key FROM %s)", duck.Literal(m.Keys), sourceKeys(m)),
		fmt.Sprintf("INSERT INTO _state.keys SELECT source, key FROM params.new_keys WHERE source = %s", duck.Literal(m.Keys)),
	}
}

func knownKeys(m *Model) string {
	return "SELECT key FROM _state.keys WHERE source = " + duck.Literal(m.Keys)
}

func sourceKeys(m *Model) string {
	return fmt.Sprintf("(SELECT DISTINCT %[1]s AS key FROM %[2]s WHERE %[1]s IS NOT NULL) AS s", m.Key[0], m.Keys)
}

// deleteGone removes the keys that are not known any more.
func deleteGone(m *Model) string {
	return fmt.Sprintf("DELETE FROM %s WHERE %s NOT IN (%s)", m.Qualified(), m.Key[0], knownKeys(m))
}

// datedDelete removes the dates that are about to be recomputed.
func datedDelete(m *Model) string {
	return fmt.Sprintf("DELETE FROM %s WHERE %s IN (SELECT date FROM params.dates)", m.Qualified(), m.Date)
}

// asOfColumn holds the report date: as_of, unless the header names another date column.
func (m *Model) asOfColumn() string {
	if m.Date != "" {
		return m.Date
	}
	return "as_of"
}

func asOfDelete(m *Model) string {
	return fmt.Sprintf(`DELETE FROM %[1]s
WHERE %[2]s IN (SELECT as_of FROM params.as_of_dates) OR %[2]s NOT IN (SELECT as_of FROM params.report_dates)`, m.Qualified(), m.asOfColumn())
}

// accumulateMerge merges the fresh rows with the ones already known, into temp table merged.
func accumulateMerge(m *Model, columns []string) string {
	is := func(set []string, c string) bool {
		for _, s := range set {
			if s == c {
				return true
			}
		}
		return false
	}
	order := append(append([]string{}, m.Latest...), m.valueColumns(columns)...)
	for i := range order {
		order[i] += " DESC NULLS LAST"
	}
	var sel []string
	for _, c := range columns {
		switch {
		case is(m.Key, c):
			sel = append(sel, c)
		case is(m.Least, c):
			sel = append(sel, fmt.Sprintf("min(%[1]s) AS %[1]s", c))
		default:
			sel = append(sel, fmt.Sprintf("first(%[1]s ORDER BY %[2]s) AS %[1]s", c, strings.Join(order, ", ")))
		}
	}
	return fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE merged AS
SELECT %s
FROM (
    SELECT * FROM %s
    UNION ALL BY NAME
    SELECT t.* FROM %s AS t WHERE EXISTS (SELECT 1 FROM %s AS f WHERE %s)
) AS u
GROUP BY %s`, strings.Join(sel, ", "), fresh, m.Qualified(), fresh, olderVersions(m), strings.Join(m.Key, ", "))
}

// valueColumns are neither key, nor version, nor least.
func (m *Model) valueColumns(columns []string) []string {
	taken := map[string]bool{}
	for _, set := range [][]string{m.Key, m.Latest, m.Least} {
		for _, c := range set {
			taken[c] = true
		}
	}
	var out []string
	for _, c := range columns {
		if !taken[c] {
			out = append(out, c)
		}
	}
	return out
}

// accumulateChanged gives the merged rows that are new or different.
func accumulateChanged(m *Model) string {
	return fmt.Sprintf("SELECT * FROM temp.merged EXCEPT SELECT * FROM %s", m.Qualified())
}

func accumulateWrite(m *Model) []string {
	return []string{
		fmt.Sprintf("DELETE FROM %s AS t USING temp.merged AS f WHERE %s", m.Qualified(), olderVersions(m)),
		fmt.Sprintf("INSERT INTO %s BY NAME SELECT * FROM temp.merged ORDER BY %s", m.Qualified(), strings.Join(m.Key, ", ")),
	}
}

// restate moves rows to the person that their identifier belongs to now.
func restateTouched(m *Model) string {
	return fmt.Sprintf(`SELECT DISTINCT CAST(t.%s AS VARCHAR) FROM %s AS t JOIN temp.moved AS c ON c.identifier = t.%s ORDER BY 1`,
		m.Date, m.Qualified(), m.Person[0])
}

func restate(m *Model) string {
	return fmt.Sprintf("UPDATE %s AS t SET %s = c.person_id FROM temp.moved AS c WHERE c.identifier = t.%s",
		m.Qualified(), m.Person[1], m.Person[0])
}
