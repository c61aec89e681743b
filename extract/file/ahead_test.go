package file_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAWatermarkAheadOfTheClock is pulled back to where the stream was before, and what was read with that clock is read again:
// rows of a year to come read as data up to today.
func TestAWatermarkAheadOfTheClock(t *testing.T) {
	t.Parallel()
	for kind, file := range map[string]func(day string) string{
		"spend": func(day string) string {
			return "transaction_id,date,amount,currency,vendor\n" + day + "," + day + ",5,USD,Zoom\n"
		},
		"network": func(day string) string { return "date,domain\n" + day + ",zoom.us\n" },
		"roster":  func(day string) string { return "email,snapshot_date\na@x," + day + "\n" },
	} {
		for _, gone := range []bool{false, true} {
			t.Run(kind, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, map[string]any{"kind": kind, "path": "u/*.csv"})
				w.put("u/1.csv", file("2026-11-10"))
				require.NoError(t, w.read().Err)
				w.clock.Set(start.AddDate(2, 0, 0))
				w.put("u/2.csv", file("2026-11-12"))
				w.put("u/3.csv", file("2028-10-01"))
				res := w.read()
				require.NoError(t, res.Err)
				assert.Equal(t, "2028-10-02T00:00:00Z", res.Watermark.Format(time.RFC3339))

				w.clock.Set(start)
				want := "2026-11-13T00:00:00Z"
				if w.remove("u/3.csv"); gone {
					w.remove("u/2.csv")
					want = "2026-11-11T00:00:00Z"
				}
				res = w.read()
				require.NoError(t, res.Err)
				assert.Equal(t, want, res.Watermark.Format(time.RFC3339))
				assert.Equal(t, []string{"clock_ahead warning"}, checks(res, "clock_ahead"))
				before := len(w.commits())
				res = w.read()
				assert.Equal(t, want, res.Watermark.Format(time.RFC3339))
				assert.Empty(t, checks(res, "clock_ahead"))
				assert.Len(t, w.commits(), before)
			})
		}
	}
}
