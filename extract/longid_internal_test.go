package extract

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/extract/manifest"
)

// TestARecordWhoseIDIsATextIsSetAside: it lands under a short id of its content, with the reason.
func TestARecordWhoseIDIsATextIsSetAside(t *testing.T) {
	t.Parallel()
	r, err := newReading(&manifest.Stream{ID: []string{"id"}})
	require.NoError(t, err)
	raw := []byte(`{"id":"` + strings.Repeat("x", 1<<20) + `"}`)
	row, findings := r.row(httpapi.Record{Raw: raw}, nil, nil, time.Now())
	require.Len(t, findings, 1)
	assert.Equal(t, checkMissingID, findings[0].check)
	assert.Contains(t, findings[0].reason, "1048576 bytes long")
	assert.Less(t, len(row.RecordID), 100)
}
