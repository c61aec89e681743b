package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain lets the test's own binary do the tasks of child processes.
func TestMain(m *testing.M) {
	if is, err := isChild(context.Background()); is {
		if err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The parts verify their rows themselves; here each runs once, as small as it gets.
func TestEveryPartVerifiesItsRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		part  string
		lines []string
	}{
		{"landing", []string{"landing 200 events", "landing 2000 events", "read_json", "speed beside read_json", "peak memory, MB"}},
		{"series", []string{"120-day series of 200 days", "GROUP BY pass", "range join, 20 of 200 days", "beside one GROUP BY pass"}},
		{"increment", []string{"full rebuild, 40 people, 12 apps, 30 days", "one more day after 15 days: transform", "of a full rebuild"}},
		{"reports", []string{"all reports rebuilt, 40 people, 12 apps, 36 days", "one more day, with whole sets: transform", "one more day, of events: publish", "of a full rebuild"}},
		{"spend", []string{"labelled statement lines", "held-out half", "transform of 200 lines of as many texts", "transform of 2000 lines", "ten times the texts"}},
	} {
		t.Run(c.part, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			s := settings{Scale: 0.0001, Rounds: 1, Only: []string{c.part}, Dir: t.TempDir()}
			require.NoError(t, measureAll(t.Context(), s, func(line string) { out.WriteString(line + "\n") }))
			for _, l := range c.lines {
				require.Contains(t, out.String(), l)
			}
		})
	}
}

func TestAPartThatFailsSaysWhich(t *testing.T) {
	t.Parallel()
	_, err := run(t.Context(), task{Part: "read_json", Dir: t.TempDir(), Events: 5})
	require.ErrorContains(t, err, "read_json")
	require.ErrorContains(t, expect("landed", 4, 5), "landed: 4 rows, expected 5")
}

func TestMedianTakesTheMiddleTimeAndTheHighestPeak(t *testing.T) {
	t.Parallel()
	got := median([]result{{Seconds: 3, Peak: 10}, {Seconds: 1, Peak: 30}, {Seconds: 2, Peak: 20}})
	require.InDelta(t, 2, got.Seconds, 0)
	require.Equal(t, 30, got.Peak)
}

func TestEventsAreAboutTwoKilobytesAndTheSameEachTime(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 999_999} {
		b := appendEvent(nil, n)
		require.InDelta(t, 2000, len(b), 300)
		require.Equal(t, b, appendEvent(nil, n))
	}
}
