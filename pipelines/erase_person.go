package pipelines

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/erasure"
)

// PersonIdentifiers lists all by which sources know the one person whom an address, an identifier, a person_id or a
// vendor's id means: addresses and connection:id. Unlike [ExplainPerson] it guesses nothing, neither from names nor from
// parts; it may be asked in order to erase.
func PersonIdentifiers(ctx context.Context, db *sql.DB, who string) ([]string, error) {
	people, err := texts(ctx, db, `SELECT DISTINCT person_id FROM (
    SELECT person_id, identifier AS id FROM core.person_identifiers
    UNION ALL SELECT person_id, person_id FROM core.person_identifiers
    UNION ALL SELECT person_id, account_id FROM core.accounts
    UNION ALL SELECT person_id, connection || ':' || account_id FROM core.accounts
    UNION ALL SELECT person_id, source_person_id FROM core.org_chart
    UNION ALL SELECT person_id, connection || ':' || source_person_id FROM core.org_chart
) AS u WHERE lower(id) = lower(trim($1)) ORDER BY person_id`, who)
	switch {
	case err != nil:
		return nil, err
	case len(people) == 0:
		return nil, Usagef("no source names %q: write a whole address or id; `explain --person` finds them", who)
	case len(people) > 1:
		return nil, Usagef("%q is an id of %d people: write an address, or connection:id", who, len(people))
	}
	ids, err := texts(ctx, db, `SELECT DISTINCT lower(id) FROM (
    SELECT identifier AS id FROM core.person_identifiers WHERE person_id = $1
    UNION ALL SELECT CASE WHEN $1 LIKE 'service:%' THEN substr($1, 9) ELSE $1 END
    UNION ALL SELECT CASE WHEN account_id LIKE '%@%' THEN account_id ELSE connection || ':' || account_id END FROM core.accounts WHERE person_id = $1
    UNION ALL SELECT CASE WHEN source_person_id LIKE '%@%' THEN source_person_id ELSE connection || ':' || source_person_id END FROM core.org_chart WHERE person_id = $1
) AS u WHERE id IS NOT NULL ORDER BY 1`, people[0])
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// notOurs are the parts of a workspace that rightseat makes itself.
var notOurs = []string{"lake", "state", "warehouse", "rebuilt"}

// maxOwnFile is how much of a person's own file is searched.
const maxOwnFile = 256 << 20

// OwnFilesNaming lists the files of a workspace that people put there (uploads, lists, the configuration) and that name
// a person. Compressed ones and workbooks are not looked into.
func OwnFilesNaming(workspace string, identifiers []string) ([]string, error) {
	m := erasure.New(identifiers)
	var found []string
	err := filepath.WalkDir(workspace, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("look for files that still name them: %w", err)
		}
		rel, err := filepath.Rel(workspace, path)
		if err != nil {
			return err
		}
		top, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		if d.IsDir() && (slices.Contains(notOurs, top) || top == ".git") {
			return fs.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > maxOwnFile {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("look for files that still name them: %w", err)
		}
		if m.Text(string(data)) || m.Text(rel) {
			found = append(found, rel)
		}
		return nil
	})
	return found, err
}
