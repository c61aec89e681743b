package extract_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
)

func TestOncePerInstant(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		once bool
	}{
		{"read again as a rule: a vendor may have more to say at any time", false},
		{"not under a clock that stands still", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			read := func() *extract.Report {
				x := w.extractor()
				x.OncePerInstant = tt.once
				report, err := x.Run(context.Background(), extract.Request{RunID: "run"})
				require.NoError(t, err)
				for _, s := range report.Streams {
					require.Equal(t, extract.StreamComplete, s.State, "%s: %v", s.Stream, s.Err)
				}
				return report
			}
			read()
			before := len(w.vendor.requests)
			again := read()
			require.Equal(t, tt.once, len(w.vendor.requests) == before, "requests: %v", w.vendor.requests[before:])
			if tt.once {
				for _, s := range again.Streams {
					require.Zero(t, s.Rows, s.Stream)
				}
			}
		})
	}
}
