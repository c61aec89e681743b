package load

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
)

// TestPages reads sorted files of sizes around a page's end back, in their order and whole.
func TestPages(t *testing.T) {
	t.Parallel()
	db, err := duck.Open(t.Context(), "", duck.Options{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for _, total := range []int64{0, 1, pageRows - 1, pageRows, pageRows + 1, 2*pageRows + rowGroup/2} {
		t.Run(fmt.Sprint(total), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "it's sorted.parquet")
			_, err := db.ExecContext(t.Context(), fmt.Sprintf(
				"COPY (SELECT %d - i AS n, 'row ' || i AS text FROM range(%d) AS r (i) ORDER BY i) TO %s (FORMAT parquet, ROW_GROUP_SIZE %d)",
				total, total, duck.Literal(path), rowGroup))
			require.NoError(t, err)
			seen := int64(0)
			for row, err := range pages(t.Context(), db, path, 0, total) {
				require.NoError(t, err)
				require.Len(t, row, 2)
				if row[0] != total-seen || row[1] != fmt.Sprint("row ", seen) {
					t.Fatalf("row %d is %v", seen, row)
				}
				seen++
			}
			require.Equal(t, total, seen)
			for range pages(t.Context(), db, path, 0, total) {
				break // a reader that has enough
			}
			for _, err = range pages(t.Context(), db, path, 0, total+1) {
				if err != nil {
					break
				}
			}
			require.ErrorContains(t, err, "sorted.parquet has", "a file that is short")
		})
	}
}
