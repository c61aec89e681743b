package transform

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/duck"
)

// createFeeds makes staging.<connector>__<model>, staging.<feed>__rows and staging.<feed>, all as views:
// see [runner.keepFeeds].
func (r *runner) createFeeds(ctx context.Context) error {
	have := map[*Model][]column{}
	for _, m := range r.project.Staging {
		if err := r.exec(ctx, createView(m)); err != nil {
			return fmt.Errorf("%s: %w", m.File, err)
		}
		columns, err := r.columnsOf(ctx, m.Qualified())
		if err != nil {
			return fmt.Errorf("%s: %w", m.File, err)
		}
		have[m] = columns
	}
	for _, f := range r.project.Feeds {
		rows, err := r.feedRows(f, have)
		if err != nil {
			return err
		}
		name := "staging." + f.Name + "__rows"
		views := []string{fmt.Sprintf("CREATE VIEW %s AS\n%s", name, rows), fmt.Sprintf("CREATE VIEW staging.%s AS\n%s", f.Name, f.SQL)}
		if f.Readings {
			all := "staging." + f.Name + "__all"
			views = []string{
				fmt.Sprintf("CREATE VIEW %s AS\n%s", all, rows),
				fmt.Sprintf("CREATE VIEW staging.%s AS\n%s", f.readings(), strings.ReplaceAll(f.SQL, name, all)),
				fmt.Sprintf("CREATE VIEW %s AS\nSELECT * FROM %s WHERE is_current", name, all), views[1],
			}
		}
		for _, s := range views {
			if err := r.exec(ctx, s); err != nil {
				return fmt.Errorf("feed %s: %w", f.Name, err)
			}
		}
	}
	return nil
}

// keepFeeds computes the feeds that a model reads, once for all models that do: payloads are parsed a
// single time. The rows lie in temporary tables, which spill when memory is short, and never
// reach the build file.
func (r *runner) keepFeeds(ctx context.Context, m *Model) error {
	for _, d := range m.Deps {
		name, ok := strings.CutPrefix(d, "staging.")
		f := r.project.feed(name)
		if !ok || f == nil {
			continue
		}
		if err := r.keepFeed(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// keepFeed keeps a feed that several models read.
func (r *runner) keepFeed(ctx context.Context, f *Feed) error {
	if r.kept[f.Name] || r.readers("staging."+f.Name) < 2 {
		return nil
	}
	r.kept[f.Name] = true
	start := time.Now()
	err := r.execAll(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %s AS\n%s", duck.Ident("feed_"+f.Name), f.SQL), showFeed(f.Name))
	if err != nil {
		return fmt.Errorf("feed %s: %w", f.Name, err)
	}
	r.result.timed("(staging."+f.Name+")", start)
	return nil
}

// keptFeed is the temporary table that holds a feed's rows.
func keptFeed(feed string) string { return "temp." + duck.Ident("feed_"+feed) }

// showFeed lets staging.<feed> read the rows kept.
func showFeed(feed string) string {
	return fmt.Sprintf("CREATE OR REPLACE VIEW staging.%s AS SELECT * FROM %s", feed, keptFeed(feed))
}

// readers counts the models that read a feed.
func (r *runner) readers(feed string) int {
	n := 0
	for _, m := range r.project.Models {
		if slices.Contains(m.Deps, feed) {
			n++
		}
	}
	return n
}

// feedRows unites what the staging models deliver for a feed. One that has nothing to read in this run is checked, and left out: its
// part would cost its planning in every statement that reads the feed.
func (r *runner) feedRows(f *Feed, have map[*Model][]column) (string, error) {
	empty := make([]string, len(f.Columns))
	for i, c := range f.Columns {
		empty[i] = fmt.Sprintf("CAST(NULL AS %s) AS %s", c.Type, c.Name)
	}
	parts := []string{"SELECT " + strings.Join(empty, ", ") + ", CAST(NULL AS VARCHAR) AS unreadable, CAST(NULL AS VARCHAR) AS stream, false AS is_current WHERE false"}
	for _, m := range r.project.Staging {
		if m.Feed != f.Name {
			continue
		}
		part, err := feedPart(f, m, have[m])
		if err != nil {
			return "", err
		}
		if r.hasRows(m) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "\nUNION ALL\n"), nil
}

// cleaned passes text through the macros that clean it, so that no feed's names and addresses differ by what
// nobody sees. Ids that only a vendor's machines make stay as they are.
func cleaned(c Column, value string) string {
	switch {
	case c.Type != "VARCHAR" || slices.Contains(machineMade, c.Name) || strings.HasSuffix(c.Name, "_source_id"):
		return value
	case c.Name == "additional_emails":
		return "names.clean_addresses(" + value + ")"
	case c.Name == "email" || c.Name == "login" || c.Name == "account_id" || strings.HasSuffix(c.Name, "_email"):
		return "names.clean_address(" + value + ")"
	case c.Name == "domain":
		return "names.clean_host(" + value + ")"
	case c.Name == "app" || c.Name == "vendor":
		return "names.clean_app(" + value + ")"
	}
	return "names.clean_text(" + value + ")"
}

var machineMade = []string{
	"connection", "snapshot_id", "event_id", "source_user_id", "source_app_id", "source_person_id", "outcome", "kind", "spend_type", "assigned_via",
}

func feedPart(f *Feed, m *Model, have []column) (string, error) {
	present := map[string]bool{}
	for _, h := range have {
		present[h.name] = true
	}
	typed, clean := make([]string, len(f.Columns)), make([]string, len(f.Columns))
	var conditions, names []string
	for i, c := range f.Columns {
		typed[i], clean[i] = fmt.Sprintf("CAST(NULL AS %s) AS %s", c.Type, c.Name), "t."+c.Name
		if present[c.Name] {
			value, unreadable := f.sound(c, "m."+c.Name)
			if unreadable != "" {
				conditions, names = append(conditions, unreadable), append(names, c.Name)
			}
			typed[i] = value + " AS " + c.Name
			clean[i] = cleaned(c, "t."+c.Name)
			delete(present, c.Name)
		}
	}
	typed = append(typed, unreadableNames(conditions, names)+" AS unreadable")
	for extra := range present {
		if extra == "snapshot_id" || extra == "snapshot_date" || extra == "read_at" || extra == "seq" {
			continue // common columns that this feed has no use for
		}
		return "", fmt.Errorf("%s: column %s is not one of feed %s", m.File, extra, f.Name)
	}
	connector, stream := m.driving()
	from, current := m.Qualified()+" AS m", "true"
	if f.Shape == "snapshot" || f.Readings {
		current = "coalesce(w.is_current, false)"
		if f.Readings {
			current = "coalesce(w.is_newest, false)"
		}
		from += fmt.Sprintf(`
JOIN raw.snapshots AS w ON w.connection = m.connection AND w.snapshot_id = m.snapshot_id AND w.snapshot_date = m.snapshot_date
    AND replace(w.connector, '-', '_') = %s AND replace(w.stream, '-', '_') = %s`, duck.Literal(connector), duck.Literal(stream))
	}
	// The cleaning macros name their argument a dozen times: it is a column, so that what types it is worked out once.
	return fmt.Sprintf("SELECT %s, t.unreadable, %s, t.is_current\nFROM (SELECT %s, %s AS is_current FROM %s) AS t",
		strings.Join(clean, ", "), duck.Literal(stream), strings.Join(typed, ", "), current, from), nil
}

// readings names the view with the rows of every reading.
func (f *Feed) readings() string { return f.Name + "__readings" }
