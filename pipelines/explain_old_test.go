package pipelines_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/pipelines"
)

func TestAWarehouseOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	db, err := duck.Open(t.Context(), "", duck.Options{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.ExecContext(t.Context(), "CREATE SCHEMA reports; CREATE TABLE reports.engagement (as_of DATE)")
	require.NoError(t, err)
	_, err = pipelines.TableNames(t.Context(), db)
	require.ErrorIs(t, err, pipelines.ErrOldWarehouse)
}
