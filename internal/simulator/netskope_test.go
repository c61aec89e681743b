package simulator

import (
	"encoding/json"
	"fmt"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func jsonInt(n int) json.Number { return json.Number(fmt.Sprint(n)) }

func (t *vendorTest) batch(operation string) []map[string]any {
	t.Helper()
	r := t.ok(Netskope, "/events/dataexport/events/application?index=test&operation="+operation).object(t)
	assert.Equal(t, json.Number("1"), r["ok"])
	assert.Contains(t, r, "wait_time")
	var out []map[string]any
	for _, e := range r["result"].([]any) {
		out = append(out, e.(map[string]any))
	}
	return out
}

func TestNetskopeIterator(t *testing.T) {
	t.Parallel()
	o := demoOrg()
	now := o.NetskopeUntil().Add(-3 * time.Hour)
	v := serve(t, now, ServerOptions{})
	start := now.AddDate(0, 0, -30)
	got := v.batch(fmt.Sprint(start.Unix()))
	require.Len(t, got, netskopeBatch)
	again := v.batch("resend")
	assert.Equal(t, got, again, "the last batch once more")
	for {
		list := v.batch("next")
		if len(list) == 0 {
			break
		}
		got = append(got, list...)
	}
	var want []string
	for d := dayOf(start); d <= dayOf(now); d++ {
		for _, e := range o.makeNetworkDay(d) {
			if !e.inserted.Before(start) && !e.inserted.After(now) {
				want = append(want, e.id)
			}
		}
	}
	assert.Equal(t, want, texts(got, "_id"))
	assert.Empty(t, v.batch("next"))
	kinds := map[string]int{}
	for _, e := range got {
		n, ok := new(big.Int).SetString(text(e, "transaction_id"), 10)
		require.True(t, ok)
		assert.Positive(t, n.Cmp(big.NewInt(1<<53)))
		switch e["numbytes"].(type) {
		case string:
			kinds["bytes as text"]++
		case json.Number:
			kinds["bytes as number"]++
		}
		if text(e, "user")[:3] == "10." {
			kinds["user is an address"]++
		}
	}
	assert.Len(t, kinds, 3)
	v.clock.Set(o.NetskopeUntil().Add(-time.Second))
	assert.NotEmpty(t, v.batch("next"), "goes on with what has come since")
}

func TestNetskopeSearch(t *testing.T) {
	t.Parallel()
	o := demoOrg()
	to := o.NetskopeUntil().AddDate(0, 0, -2)
	v := serve(t, to.Add(time.Hour), ServerOptions{})
	from := to.AddDate(0, 0, -5)
	var got []string
	for offset := 0; ; offset += 100 {
		r := v.ok(Netskope, fmt.Sprintf("/events/data/application?insertionstarttime=%d&insertionendtime=%d&limit=100&offset=%d", from.Unix(), to.Unix(), offset)).object(v)
		list := r["result"].([]any)
		for _, e := range list {
			got = append(got, text(e.(map[string]any), "_id"))
		}
		if len(list) < 100 {
			break
		}
	}
	var want []string
	for d := dayOf(from); d < dayOf(to); d++ {
		for _, e := range o.makeNetworkDay(d) {
			want = append(want, e.id)
		}
	}
	assert.Equal(t, want, got)
}

func TestNetskopeTokenExpires(t *testing.T) {
	t.Parallel()
	o := demoOrg()
	v := serve(t, o.NetskopeUntil().Add(-time.Second), ServerOptions{})
	path := "/events/dataexport/events/application?index=x&operation=next"
	assert.Equal(t, 200, v.get(Netskope, path).status)
	v.clock.Set(o.NetskopeUntil())
	r := v.get(Netskope, path)
	assert.Equal(t, 403, r.status)
	assert.Contains(t, text(r.object(v), "message"), "expired on "+o.netskopeUntil().String())
	assert.Equal(t, o.End().AddDate(0, 0, -21), o.NetskopeUntil())
}

func TestNetskopeRefusals(t *testing.T) {
	t.Parallel()
	v := serve(t, demoOrg().NetskopeUntil().Add(-time.Hour), ServerOptions{})
	base := "/events/dataexport/events/application"
	for path, status := range map[string]int{base: 400, base + "?index=a&operation=sideways": 400, "/events/data/application?starttime=x": 400, "/events/nothing": 404} {
		assert.Equal(t, status, v.get(Netskope, path).status, path)
	}
	assert.Equal(t, 405, v.ask(Netskope, "POST", base, "").status)
}

func TestNetskopeKeepsBookmarksBetweenProcesses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bookmarks.json")
	now := demoOrg().NetskopeUntil().Add(-time.Hour)
	first := serve(t, now, ServerOptions{BookmarkFile: file})
	a := first.batch("next")
	second := serve(t, now, ServerOptions{BookmarkFile: file})
	assert.Equal(t, a, second.batch("resend"))
	b := second.batch("next")
	assert.NotEqual(t, texts(a, "_id")[0], texts(b, "_id")[0])
	_, err := openBookmarks(t.TempDir())
	assert.Error(t, err, "a folder is no file")
}
