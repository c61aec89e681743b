package pipelines

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strings"

	rightsql "github.com/rightseat/rightseat/sql"
)

// sharedViews are the temporary views that queries under sql/people read, each with its file. What decides is the model's own
// text: it runs over the date asked for, and over stand-ins for what is not published.
var sharedViews = []struct{ name, file string }{
	{"lists_in_force", "metrics/lists_in_force.sql"},
	{"in_force", "people/shared/in_force.sql"},
	{"activity", "people/shared/activity.sql"},
	{"activity_window", "people/shared/activity_window.sql"},
	{"person_numbers", "people/shared/person_numbers.sql"},
	{"provision_basis", "people/shared/provision_basis.sql"},
	{"seat_holders", "core/seat_holders.sql"},
	{"holders", "people/shared/holders.sql"},
	{"evidence", "people/shared/evidence.sql"},
	{"belongs", "people/shared/belongs.sql"},
	{"spend_12m", "people/shared/spend_12m.sql"},
}

// unpublished are schemas of which a model's text reads the stand-ins.
var unpublished = strings.NewReplacer("metrics.", "temp.", "params.", "temp.")

// ask makes the table asked, of as_of and app_id, by a query, and what the queries under sql/people read beside it and the public tables.
// Everything is temporary: the warehouse is open for reading only.
func ask(ctx context.Context, conn *sql.Conn, query string, args ...any) error {
	if _, err := conn.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE asked AS "+query, args...); err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "CREATE OR REPLACE TEMP VIEW as_of_dates AS SELECT DISTINCT as_of FROM temp.asked"); err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	for _, v := range sharedViews {
		text, err := fs.ReadFile(rightsql.Files, v.file)
		if err != nil {
			return fmt.Errorf("explain: %w", err)
		}
		if _, err := conn.ExecContext(ctx, "CREATE OR REPLACE TEMP VIEW "+v.name+" AS\n"+unpublished.Replace(string(text))); err != nil {
			return fmt.Errorf("explain: %w", err)
		}
	}
	return nil
}
