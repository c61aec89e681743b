package endtoend_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// readAll reads every table of the warehouse and prints how many.
const readAll = `
import sys
sys.path.insert(0, sys.argv[1])
import duckdb
db = duckdb.connect(sys.argv[2], read_only=True)
tables = db.execute("select table_schema, table_name from information_schema.tables where table_catalog = current_database()").fetchall()
for schema, name in tables:
    db.execute('select * from "%s"."%s"' % (schema, name)).fetchall()
print(duckdb.__version__, len(tables))
assert len(tables) > 20
`

// TestOldClientsOpenTheWarehouse: people's notebooks and BI tools bring a DuckDB of their own, often an older one. Set
// RIGHTSEAT_DUCKDB_CLIENTS to a folder with a folder per version: pip install --target DIR/1.3.2 duckdb==1.3.2
func TestOldClientsOpenTheWarehouse(t *testing.T) {
	t.Parallel()
	clients, err := filepath.Glob(filepath.Join(os.Getenv("RIGHTSEAT_DUCKDB_CLIENTS"), "*", "duckdb"))
	require.NoError(t, err)
	if os.Getenv("RIGHTSEAT_DUCKDB_CLIENTS") == "" || len(clients) == 0 {
		t.Skip("no older DuckDB clients here: set RIGHTSEAT_DUCKDB_CLIENTS to a folder with some")
	}
	w := newWorld(t)
	for _, run := range []string{"the first run", "the second", "the third"} {
		w.requireRun(t, "run")
		for _, client := range clients {
			out, err := exec.CommandContext(t.Context(), "python3", "-c", readAll, filepath.Dir(client),
				filepath.Join(w.dir, "warehouse", "rightseat.duckdb")).CombinedOutput()
			require.NoError(t, err, "after %s: %s", run, out)
			t.Logf("after %s: %s", run, out)
		}
		w.clock.Set(w.clock.Now().Add(time.Hour))
	}
}
