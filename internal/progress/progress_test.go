package progress

import (
	"bytes"
	"sync"
	"testing"
)

func TestReportersEndAndAreSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	for name, r := range map[string]Reporter{"bars": NewBars(&buf), "silent": Silent{}} {
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
