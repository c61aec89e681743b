package manifest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"90d": 90 * day, "2h": 2 * time.Hour, "30m": 30 * time.Minute, "1d12h": 36 * time.Hour, "10s": 10 * time.Second,
		"0s": 0, "0d": 0, "1h30m": 90 * time.Minute, "500ms": 500 * time.Millisecond, "106751d": 106751 * day,
	} {
		got, err := ParseDuration(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{
		"", "d", "90", "-1d", "1d-2h", "+1h", "1.5d", "1w", "1 d", "d1", "1d1d", "106752d", "106751d24h", "999999999999999999d", "x", "1h d",
	} {
		_, err := ParseDuration(text)
		assert.ErrorContains(t, err, "expected something like 90d", text)
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"90d", "1d2h", "", "-1d", "9999999999999d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDuration(s); err == nil {
			assert.GreaterOrEqual(t, d, time.Duration(0))
		}
	})
}
