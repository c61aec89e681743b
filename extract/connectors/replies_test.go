package connectors_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/lake"
)

// TestAnErrorInsideA200IsNeverAnEmptyList holds that a reply of status 200 that says in the vendor's own way that it failed, alone, beside
// no rows or beside some, or that is no page of the vendor's at all, never ends a list: not the first one, and not a later one.
func TestAnErrorInsideA200IsNeverAnEmptyList(t *testing.T) {
	t.Parallel()
	each(t, "not ok", func(t *testing.T, connector string, s manifest.Stream) {
		shape := vendorShapes[connector]
		records := []object{shape.record[s.Name](named(s.Name, 0), dialectNow.Add(-firstEventAgo))}
		bodies := shape.failed(s.Name, records)
		bodies["a sign-in page"], bodies["an empty object"], bodies["null"], bodies["nothing"] = gatewayPage, object{}, json.RawMessage("null"), ""
		for beside, body := range bodies {
			t.Run(beside, func(t *testing.T) {
				t.Parallel()
				fails := func(h *house) {
					h.answer = func(http.Header, *http.Request, call) (int, any) {
						return http.StatusOK, body
					}
				}
				first := newHouse(t, connector, s)
				fails(first)
				first.assertUnread(first.read(), extract.StreamResult{}, lake.Snapshot{})

				h := newHouse(t, connector, s)
				before, was := h.whole(), h.newest()
				h.tomorrow(1)
				fails(h)
				h.assertUnread(h.read(), before, was)
				h.answer = nil
				h.tomorrow(20)
				r := h.read()
				assert.Equal(t, extract.StreamComplete, r.State, "once all is well: %s", r.Error)
			})
		}
	})
}

// hidings are the ways in which vendors leave a field empty.
var hidings = []string{"null", "empty", "left out"}

// hide takes away what stands at the paths, in one of the ways.
func hide(record object, paths manifest.PathList, how string) {
	for _, path := range paths {
		at := record
		names := strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			at, _ = at[name].(object)
		}
		if at == nil {
			continue
		}
		last := names[len(names)-1]
		if _, isObject := at[last].(object); isObject {
			at[last] = object{}
			continue
		}
		switch how {
		case "null":
			at[last] = nil
		case "empty":
			at[last] = ""
		case "left out":
			delete(at, last)
		}
	}
}

// TestFieldsThatTheKeyMayNotSeeAreMissed holds that a list none of whose records has what a manifest expects does not count, that events
// without it are told of, and that what records usually have is missed with a note.
func TestFieldsThatTheKeyMayNotSeeAreMissed(t *testing.T) {
	t.Parallel()
	each(t, "hidden", func(t *testing.T, connector string, s manifest.Stream) {
		for i, group := range slices.Concat(s.Expected, s.Usual) {
			t.Run(strings.Join(group, " or "), func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, connector, s)
				if s.Paging.Type != "" {
					h.size = 2 * len(hidings)
				}
				before, was := h.whole(), h.newest()
				assert.NotContains(t, fmt.Sprint(before.Findings), "_fields", "nothing is missed while it is there")
				h.tomorrow(1)
				h.alter = func(n int, record object) { hide(record, group, hidings[n%len(hidings)]) }
				if connector == "netskope" { // its iterator starts anew
					h.at = -1
					h.x.Config.Connections[0].Settings["index"] = "another"
				}
				r := h.read()
				isExpected := i < len(s.Expected)
				check, severity := "empty_fields", "info"
				if isExpected {
					check, severity = "hidden_fields", "warning"
				}
				if isExpected && s.Kind == manifest.KindSnapshot {
					h.assertUnread(r, before, was)
					for _, field := range group {
						assert.Contains(t, r.Error, field)
					}
					assert.Contains(t, r.Error, "the account may not see it")
					return
				}
				assert.Equal(t, extract.StreamComplete, r.State, r.Error)
				f, told := finding(r, check)
				require.True(t, told, "%v", r.Findings)
				assert.Equal(t, severity, f.Severity)
				assert.Contains(t, f.Sample, group[0])
			})
		}
	})
}
