package transform

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
)

// The books: what became of the records of each stream, counted while a feed's new rows are at hand. Rows of events are
// added up; those of lists and of state replace what was counted of the same lists. Cost follows the new data.
//
// Outcomes: read (records that the transform was shown), valid (they name what the feed needs), superseded (of a list of
// which another reading counts), twice (further records of one thing in one list; they are valid, too), aside:REASON, and cell:COLUMNS (valid, but without the
// values of these, which can't be read), and word:COLUMN (valid, but a word of this column that no list knows keeps it from counting).
const booksDDL = "CREATE TABLE _state.books (feed VARCHAR, connection VARCHAR, stream VARCHAR, list_date DATE, outcome VARCHAR, records BIGINT, sample VARCHAR)"

// booksTable is what models that show the books read.
const booksTable = "_state.books"

// listKeys are the columns that say of a list's record what it is of.
var listKeys = map[string]string{
	"roster": "app_key, instance_key, account_key", "org_chart": "identifier", "idp_users": "source_user_id", "idp_apps": "source_app_id",
	"sso_assignments": "source_app_id, app_key, instance_key, identifier, assigned_via, groups", "contracts": "contract_id, line_id",
}

// unknownWords are the words that no list knows, of feeds in which a record with one does not count, or counts without its money.
var unknownWords = map[string]string{
	"roster": "CASE WHEN s.status IS NULL THEN 'status' END",
	"contracts": `CASE WHEN s.status = 'unknown' THEN 'status' WHEN s.billing_period = 'unknown' THEN 'billing_period'
        WHEN len(list_filter(s.unknown_words, lambda w: starts_with(w, 'currency: '))) > 0 THEN 'currency' END`,
}

// keepBooks counts the new rows of every feed, before the first model that shows them.
func (r *runner) keepBooks(ctx context.Context) error {
	if r.booked {
		return nil
	}
	r.booked = true
	for _, f := range r.project.Feeds {
		if f.Uncounted || !r.changes["staging."+f.Name].any {
			continue
		}
		if err := r.keepFeed(ctx, f); err != nil {
			return err
		}
		statements := []string{countRows(f)}
		for _, m := range r.project.Staging {
			if m.Feed == f.Name {
				statements = append(statements, countRead(f, m))
				if connector, stream := m.driving(); f.Shape == "events" {
					statements = append(statements, countTakenBack(f.Name, connector, stream))
				}
			}
		}
		switch f.Shape {
		case "snapshot":
			statements = append([]string{fmt.Sprintf(`DELETE FROM _state.books AS b USING raw.new_snapshots AS n
WHERE b.feed = %[1]s AND n.feed = %[1]s AND b.connection = n.connection AND b.list_date = n.snapshot_date`, duck.Literal(f.Name))}, statements...)
		case "state":
			statements = append([]string{"DELETE FROM _state.books WHERE feed = " + duck.Literal(f.Name)}, statements...)
		}
		if err := r.execAll(ctx, statements...); err != nil {
			return fmt.Errorf("count the records of feed %s: %w", f.Name, err)
		}
	}
	return nil
}

// countRead counts the records that a staging model is shown.
func countRead(f *Feed, m *Model) string {
	connector, stream := m.driving()
	if f.Readings { // a record may hold several lines of a contract: they are counted by line, and by the newest reading
		return fmt.Sprintf("INSERT INTO _state.books SELECT %s, connection, stream, CAST(NULL AS DATE), 'read', count(*), NULL FROM staging.%s WHERE stream = %s AND connection IN (SELECT connection FROM %s) GROUP BY connection, stream",
			duck.Literal(f.Name), f.Name, duck.Literal(stream), m.Qualified())
	}
	date, only := "CAST(NULL AS DATE)", ""
	if f.Shape == "snapshot" {
		date = "p.snapshot_date"
		only = fmt.Sprintf(" JOIN (SELECT DISTINCT connection, snapshot_date FROM raw.new_snapshots WHERE feed = %s) AS n ON n.connection = p.connection AND n.snapshot_date = p.snapshot_date", duck.Literal(f.Name))
	}
	return fmt.Sprintf("INSERT INTO _state.books SELECT %s, p.connection, %s, %s, 'read', count(*), NULL FROM raw.%s AS p%s GROUP BY ALL",
		duck.Literal(f.Name), duck.Literal(stream), date, duck.Ident(connector+"__"+stream), only)
}

// countRows counts what staging made of them, by outcome.
func countRows(f *Feed) string {
	has := func(name string) bool {
		return slices.ContainsFunc(f.Columns, func(c Column) bool { return c.Name == name })
	}
	date, local, records, twice := "CAST(NULL AS DATE)", f.Date, "count(*)", "false"
	if f.Shape == "snapshot" {
		date, local = "s.snapshot_date", "snapshot_date"
	}
	if has("seq") && f.Shape == "events" {
		records = "count(DISTINCT s.seq)" // several rows may come of one record
	}
	if key := listKeys[f.Name]; key != "" {
		twice = fmt.Sprintf("row_number() OVER (PARTITION BY s.connection, s.stream, s.is_current, s.aside IS NULL, %s, %s) > 1", date, prefixed("s.", key))
	}
	gone := "false"
	if local != "" {
		gone = "s." + local + " > c.disconnected_on"
	}
	nameless := "false"
	if has("app") && (has("instance") || has("domain")) && f.Shape != "state" {
		nameless = "s.app_key IS NULL AND c.app_key IS NULL"
		if has("source_app_id") {
			nameless += " AND s.source_app_id IS NULL"
		}
		if has("domain") {
			nameless += " AND s.domain_key IS NULL"
		}
	}
	return fmt.Sprintf(`INSERT INTO _state.books
WITH judged AS (
    SELECT s.connection, s.stream, %[2]s AS list_date, %[3]s, s.named, s.unreadable, %[9]s AS word, %[4]s AS is_twice,
        CASE
            WHEN NOT s.is_current THEN 'superseded'
            WHEN s.aside IS NOT NULL THEN 'aside:' || s.aside
            WHEN c.connection IS NULL THEN 'aside:not_configured'
            WHEN %[5]s THEN 'aside:after_disconnection'
            WHEN %[6]s THEN 'aside:no_app'
            ELSE 'valid'
        END AS outcome
    FROM staging.%[1]s AS s
    LEFT JOIN params.connections AS c ON c.connection = s.connection
)
SELECT %[7]s, s.connection, s.stream, s.list_date, s.outcome, %[8]s, CASE WHEN s.outcome <> 'valid' THEN min(s.named) END
FROM judged AS s GROUP BY s.connection, s.stream, s.list_date, s.outcome
UNION ALL
SELECT %[7]s, s.connection, s.stream, s.list_date, 'twice', count(*), min(s.named)
FROM judged AS s WHERE s.is_twice AND s.outcome = 'valid' GROUP BY s.connection, s.stream, s.list_date
UNION ALL
SELECT %[7]s, s.connection, s.stream, s.list_date, 'cell:' || s.unreadable, count(*), min(s.named)
FROM judged AS s WHERE s.unreadable IS NOT NULL AND s.outcome = 'valid' GROUP BY s.connection, s.stream, s.list_date, s.unreadable
UNION ALL
SELECT %[7]s, s.connection, s.stream, s.list_date, 'word:' || s.word, %[8]s, min(s.named)
FROM judged AS s WHERE s.word IS NOT NULL AND s.outcome = 'valid' GROUP BY s.connection, s.stream, s.list_date, s.word`,
		f.Name, date, seqOf(has("seq")), twice, gone, nameless, duck.Literal(f.Name), records, cmp.Or(unknownWords[f.Name], "CAST(NULL AS VARCHAR)"))
}

func seqOf(has bool) string {
	if has {
		return "s.seq"
	}
	return "CAST(NULL AS BIGINT) AS seq"
}

func prefixed(prefix, columns string) string {
	return prefix + strings.ReplaceAll(columns, ", ", ", "+prefix)
}
