package endtoend_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
)

// TestAClockThatWasAhead: lists that were read while this machine's clock was months ahead do not count once it is right,
// neither against what is read then nor when the day that it showed has come.
func TestAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	var price atomic.Int64
	price.Store(50)
	contracts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"list": [{"id": "c1", "name": "Zoom", "properties": {"counterpartyName": {"value": "Zoom"}, "app": {"value": "Zoom"},
"effectiveDate": {"value": "2026-01-01"}, "expirationDate": {"value": "2027-12-31"}, "seats": {"value": 10}, "unitPrice": {"value": {"amount": %d, "currency": "USD"}}}}], "count": 1}`, price.Load()) // who asked may be gone
	}))
	t.Cleanup(contracts.Close)
	w := payloadWorld(t, `  - name: ironclad
    connector: ironclad
    settings: {base_url: "`+contracts.URL+`", as_user_email: a@acme.example}
    auth: {token: not-a-secret}
  - name: seats
    connector: file
    app: zoom
    settings: {kind: roster, path: uploads/seats.csv}
`)
	at := func(text string) {
		t.Helper()
		now, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		w.clock = clock.NewSimulated(now)
	}
	want := func(seats, unitPrice string) {
		t.Helper()
		w.requirePublished(t, "run")
		assert.Equal(t, [][]string{{seats}}, w.query(t, "SELECT provisioned_users FROM reports.provisioned_users_daily WHERE app_id = 'zoom' AND date = (SELECT as_of FROM reports.run)"))
		assert.Equal(t, [][]string{{unitPrice}}, w.query(t, "SELECT CAST(unit_price AS DECIMAL(18, 4)) FROM core.contract_lines"))
		w.requireBooks(t)
	}
	roster := func(n int) {
		text := "email\n"
		for i := range n {
			text += fmt.Sprintf("u%d@acme.example\n", i)
		}
		w.upload(t, "uploads/seats.csv", []byte(text))
	}
	roster(3)
	at("2026-11-03T12:00:00Z")
	want("3", "50.0000")

	price.Store(70)
	roster(4)
	at("2027-03-01T12:00:00Z")
	want("4", "70.0000")

	price.Store(60)
	at("2026-11-04T12:00:00Z")
	want("4", "60.0000") // the same file, read again as of today
	assert.Len(t, w.query(t, "SELECT 1 FROM reports.data_quality WHERE check_name IN ('seats.roster.read_ahead_of_time', 'ironclad.records.clock_ahead')"), 2, "said")
	assert.Empty(t, w.query(t, "SELECT 1 FROM core.accounts WHERE snapshot_date > DATE '2026-11-04'"))

	roster(2)
	at("2026-11-05T12:00:00Z")
	want("2", "60.0000")
	at("2027-03-02T12:00:00Z")
	want("2", "60.0000")
}
