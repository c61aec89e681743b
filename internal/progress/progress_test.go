package progress

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	l := NewLines(&out, func() time.Time { return now })
	l.Stream("okta", "users", 10, 1, false)
	now = now.Add(5 * time.Second)
	l.Stream("okta", "users", 20, 2, false)
	now = now.Add(6 * time.Second)
	l.Stream("okta", "users", 30, 3, false)
	l.Stream("okta", "users", 40, 4, true)
	l.Stream("okta", "bad\x1b[2J", 1, 1, true)
	l.Model(1, 2, "core.people")
	l.Model(2, 2, "core.people")
	l.Close()
	assert.Equal(t, `reading okta/users: 30 rows, 3 pages
read okta/users: 40 rows, 4 pages
read okta/bad\x1b[2J: 1 rows, 1 pages
built 2 models
`, out.String())
}

func TestReportersEndAndAreSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	for name, r := range map[string]Reporter{"bars": NewBars(&buf), "silent": Silent{}, "lines": NewLines(&bytes.Buffer{}, time.Now)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var wg sync.WaitGroup
			for _, stream := range []string{"users", "apps", "logins"} {
				wg.Go(func() {
					for i := range int64(50) {
						r.Stream("okta", stream, i, i, i == 49 && stream != "logins")
						r.Model(int(i), 50, "core.people")
					}
				})
			}
			wg.Wait()
			r.Close()
			r.Close()
			r.Stream("okta", "users", 1, 1, false)
			r.Model(1, 2, "late")
		})
	}
}
