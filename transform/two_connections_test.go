package transform_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatADisconnectedConnectionsSuccessorReadsAgainIsTold: under a new name the same files were read anew, and everything up to the
// day of the disconnection counted twice without a word.
func TestWhatADisconnectedConnectionsSuccessorReadsAgainIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var charges, events []record
	for i := range 4 {
		charges = append(charges, record{"transaction_id": fmt.Sprint("t", i), "date": fmt.Sprintf("2026-02-0%d", i+1), "amount": "10", "currency": "USD", "vendor": "ZOOM"})
		events = append(events, record{"event_id": fmt.Sprint("e", i), "occurred_at": fmt.Sprintf("2026-02-0%dT10:00:00Z", i+1), "email": "a@acme.example", "app": "Zoom", "event": "meeting_joined"})
	}
	seats := []record{{"app": "Zoom", "email": "a@acme.example"}, {"app": "Zoom", "email": "b@acme.example"}}
	for kind, name := range map[string]string{"spend": "cards", "engagement": "use", "roster": "seats"} {
		w.connect("old-"+name, kind, disconnected("2026-03-15"))
		w.connect("new-"+name, kind)
		w.connect("other-"+name, kind, disconnected("2026-03-15"))
	}
	for _, side := range []string{"old-", "new-"} {
		w.events(side+"cards", "spend", "date", charges...)
		w.events(side+"use", "engagement", "occurred_at", events...)
		w.snapshot(side+"seats", "roster", "2026-02-28", seats...)
	}
	// One line that is alike, by chance; other people.
	w.events("other-cards", "spend", "date", charges[0], record{"transaction_id": "x", "date": "2026-02-01", "amount": "11", "currency": "USD", "vendor": "ZOOM"},
		record{"transaction_id": "y", "date": "2026-02-01", "amount": "12", "currency": "USD", "vendor": "ZOOM"})
	w.events("other-use", "engagement", "occurred_at", record{"event_id": "e9", "occurred_at": "2026-02-01T10:00:00Z", "email": "c@acme.example", "app": "Zoom", "event": "meeting_joined"})
	w.snapshot("other-seats", "roster", "2026-02-28", record{"app": "Zoom", "email": "c@acme.example"})
	w.run("2026-03-31")
	require.Equal(t, [][]string{
		{"old-cards.spend.also_of_another_connection", "error", "4"}, {"old-seats.roster.also_of_another_connection", "error", "2"}, {"old-use.engagement.also_of_another_connection", "error", "4"},
	}, w.rows(`SELECT check_name, severity, failing_rows FROM reports.data_quality WHERE check_name LIKE '%also_of%' ORDER BY 1`))
	require.Equal(t, [][]string{{"connection new-cards has 4 of the 4 records of old-cards, too, and they count twice; if new-cards took its place, type: rightseat forget old-cards, then: rightseat run"}},
		w.rows(`SELECT sample FROM reports.data_quality WHERE check_name LIKE 'old-cards.%also_of%'`))
}
