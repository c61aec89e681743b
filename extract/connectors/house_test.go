package connectors_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/connectors"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/lake"
)

// vendorShape is how a vendor speaks, for the rules of evidence: where its lists stand, how it writes a page and its end, and what it
// says when it refuses.
type vendorShape struct {
	// find tells what a request asks for. The stream is empty where it is nothing that the vendor has.
	find func(h *house, r *http.Request) call
	// page writes a page; the headers may be set in hd.
	page func(h *house, hd http.Header, r *http.Request, c call, p leaf) any
	// endless writes a full page that does not say whether more follows; nil with the reason in streams' not.
	endless   func(stream string, records []object) any
	forbidden func(hd http.Header, stream string) (int, any)
	gone      func(hd http.Header, stream string) (int, any) // "there is no such thing"
	// failed are the vendor's ways to say with status 200 that it failed, by what stands beside.
	failed func(stream string, records []object) map[string]any
	record map[string]func(id string, at time.Time) object
	// not says why a rule has nothing to hold with a stream, by "rule stream"; what follows from the manifest is said by rules.
	not map[string]string
}

// call is what a request asks for.
type call struct {
	stream, parent string
	page           int // from 0
	// pass picks the records of one of several passes, by number; nil picks all.
	pass func(n int) bool
	// from and to bound the events that are asked for; zero for no bound.
	from, to time.Time
}

// leaf is a page of a list.
type leaf struct {
	records []object
	more    bool // another page follows
	next    int  // its number
	total   int  // of the whole list, or pass
}

// headed is a reply of status 200 with a header.
type headed struct {
	name, value string
	body        any
}

// house is a vendor that holds lists of a test's size, and tells of them in its own shape.
type house struct {
	*dialect
	t      *testing.T
	shape  vendorShape
	m      *manifest.Manifest
	stream manifest.Stream // the one under test
	// size is how many records the list under test has, in so many pages: of a stream asked for each of several parents, the first one's list.
	size, pages int
	// alter changes a record of the stream under test.
	alter func(n int, record object)
	// answer replies in place of the vendor, for the stream under test; a nil body lets the vendor reply.
	answer func(hd http.Header, r *http.Request, c call) (int, any)
	// fill writes the page in place of the vendor's own.
	fill func(c call, p leaf) leaf
	at   int // the page that an iterator gave last
}

const (
	usualRecords  = 3 // of a list, and so many parents have lists
	childRecords  = 1
	firstOfLater  = 1000 // number of the first record that came after the first day
	firstEventAgo = 19 * time.Hour
)

func newHouse(t *testing.T, connector string, s manifest.Stream) *house {
	t.Helper()
	shape, ok := vendorShapes[connector]
	require.True(t, ok, "no shape")
	h := &house{t: t, shape: shape, m: loadManifest(t, connector), stream: s, size: usualRecords, pages: 1, at: -1}
	if s.ForEach != nil {
		h.size = childRecords
	}
	h.dialect = newDialect(t, connector, h.reply)
	h.x.Lookup = func(string) (*manifest.Manifest, error) { return h.m, nil } // read once
	return h
}

// reply is the vendor's server.
func (h *house) reply(hd http.Header, r *http.Request) (int, any) {
	c := h.shape.find(h, r)
	if !assert.NotEmpty(h.t, c.stream, "unexpected request %s", r.URL) {
		return http.StatusTeapot, object{}
	}
	if h.answer != nil && c.stream == h.stream.Name {
		if status, body := h.answer(hd, r, c); body != nil {
			if with, ok := body.(headed); ok {
				hd.Set(with.name, with.value)
				body = with.body
			}
			return status, body
		}
	}
	return http.StatusOK, h.shape.page(h, hd, r, c, h.leaf(c))
}

// leaf is the page that is asked for.
func (h *house) leaf(c call) leaf {
	all, pages := h.records(c), 1
	if h.isTested(c) {
		pages = h.pages
	}
	p := leaf{total: len(all), next: c.page + 1, more: c.page+1 < pages}
	if c.page < pages {
		p.records = all[c.page*len(all)/pages : (c.page+1)*len(all)/pages]
	} else {
		p.records, p.next = []object{}, c.page
	}
	if h.fill != nil && h.isTested(c) {
		p = h.fill(c, p)
	}
	return p
}

// isTested tells of the list under test.
func (h *house) isTested(c call) bool {
	return c.stream == h.stream.Name && (c.parent == "" || c.parent == named(h.stream.ForEach.Stream, 0))
}

// records is a whole list, as it is now.
func (h *house) records(c call) []object {
	n := usualRecords
	s, _ := h.m.Stream(c.stream)
	if s.ForEach != nil {
		n = childRecords
	}
	if h.isTested(c) {
		n = h.size
	}
	out := []object{}
	add := func(n int, at time.Time) {
		if c.pass != nil && !c.pass(n) || !c.from.IsZero() && at.Before(c.from) || !c.to.IsZero() && !at.Before(c.to) {
			return
		}
		record := h.shape.record[c.stream](named(c.stream, n), at)
		if h.alter != nil && c.stream == h.stream.Name {
			h.alter(n, record)
		}
		out = append(out, record)
	}
	for i := range n {
		add(i, dialectNow.Add(-firstEventAgo+time.Duration(i)*time.Minute))
	}
	if s.Kind == manifest.KindEvents && s.Window != nil && s.Paging.Type != "iterator" && !s.Paging.Polling {
		for d := 1; dialectNow.AddDate(0, 0, d).Before(h.clock.Now().Add(time.Hour)); d++ {
			add(firstOfLater+d, dialectNow.AddDate(0, 0, d).Add(-3*time.Hour))
		}
	}
	return out
}

// named is the id of a stream's record.
func named(stream string, n int) string {
	return fmt.Sprintf("%s-%d", strings.ReplaceAll(stream, "_", "-"), n)
}

// tomorrow sets the clock to the same hour of a later day.
func (h *house) tomorrow(days int) { h.clock.Set(dialectNow.AddDate(0, 0, days)) }

// read runs the stream under test and those above it.
func (h *house) read() extract.StreamResult { return h.readAll()[h.stream.Name] }

func (h *house) readAll() map[string]extract.StreamResult {
	h.t.Helper()
	streams := []string{h.stream.Name}
	for s := &h.stream; s.ForEach != nil; {
		s, _ = h.m.Stream(s.ForEach.Stream)
		streams = append(streams, s.Name)
	}
	for _, s := range h.m.Streams {
		if s.ForEach != nil && s.ForEach.Stream == h.stream.Name {
			streams = append(streams, s.Name)
		}
	}
	return h.run(h.t, extract.Request{Streams: streams})
}

// whole reads the stream, which must come to its end.
func (h *house) whole() extract.StreamResult {
	h.t.Helper()
	r := h.read()
	require.Equal(h.t, extract.StreamComplete, r.State, r.Error)
	require.Positive(h.t, r.Rows)
	require.NotNil(h.t, r.Watermark)
	return r
}

// newest is the last snapshot that counts; one without an id when there is none.
func (h *house) newest() lake.Snapshot {
	h.t.Helper()
	st, err := h.x.Lake.Stream("it", h.stream.Name)
	require.NoError(h.t, err)
	commits, err := st.After(0)
	require.NoError(h.t, err)
	for _, c := range slices.Backward(commits) {
		if n := len(c.Snapshots); n > 0 {
			return c.Snapshots[n-1]
		}
	}
	return lake.Snapshot{}
}

// ids are the records that landed in the stream so far.
func (h *house) ids() map[string]bool {
	h.t.Helper()
	st, err := h.x.Lake.Stream("it", h.stream.Name)
	require.NoError(h.t, err)
	commits, err := st.After(0)
	require.NoError(h.t, err)
	out := map[string]bool{}
	for _, c := range commits {
		for _, f := range c.Files {
			require.NoError(h.t, st.Read(f, func(r lake.Row) error {
				out[strings.Clone(r.RecordID)] = true
				return nil
			}))
		}
	}
	return out
}

// isTold tells whether a result makes a run end with exit code 3.
func isTold(r extract.StreamResult) bool {
	switch r.State {
	case extract.StreamComplete:
		return r.IsLacking()
	case extract.StreamNotConnected:
		return false
	}
	return r.Error != ""
}

// assertUnread holds that a reading does not count: it is told of, and watermark and list are those of before.
func (h *house) assertUnread(r, before extract.StreamResult, was lake.Snapshot) {
	h.t.Helper()
	assert.Contains(h.t, []extract.StreamState{extract.StreamFailed, extract.StreamIncomplete}, r.State, r.Error)
	assert.NotEmpty(h.t, r.Error)
	if before.Watermark == nil && r.Watermark != nil {
		// Windows before the one that failed are read.
		assert.True(h.t, r.Watermark.Before(dialectNow.Add(-firstEventAgo)), "%s", r.Watermark)
	} else {
		assert.Equal(h.t, before.Watermark, r.Watermark, "no newer")
	}
	now := h.newest()
	assert.Equal(h.t, was.ID, now.ID, "the last whole list counts")
}

func finding(r extract.StreamResult, check string) (extract.Finding, bool) {
	i := slices.IndexFunc(r.Findings, func(f extract.Finding) bool { return f.Check == check })
	if i < 0 {
		return extract.Finding{}, false
	}
	return r.Findings[i], true
}

// rules are the rules of evidence. What a manifest says of a stream may leave a rule nothing to hold; not says why then.
var rules = map[string]func(s manifest.Stream) (not string){
	"refusals": func(manifest.Stream) string { return "" },
	"not ok":   func(manifest.Stream) string { return "" },
	"end":      whereUnpaged,
	"end sign": func(s manifest.Stream) string {
		if why := whereUnpaged(s); why != "" {
			return why
		}
		if !isLinked(s.Paging) {
			return "pages do not say whether there is more: another one is asked for, until one is empty or the count is reached"
		}
		return ""
	},
	"set aside": func(manifest.Stream) string { return "" },
	"shrinks": func(s manifest.Stream) string {
		if s.Kind == manifest.KindEvents {
			return "events are added, and none is taken for gone"
		}
		return ""
	},
	"hidden": func(manifest.Stream) string { return "" }, // a stream that misses no field has its own reason
	"goes on": func(s manifest.Stream) string {
		if s.Kind == manifest.KindSnapshot {
			return "a list is read whole each time"
		}
		if s.ForEach != nil {
			return "lists per parent end with their parents"
		}
		return ""
	},
	"clock": func(manifest.Stream) string { return "" },
	"optional": func(s manifest.Stream) string {
		if !s.Optional {
			return "the stream is not optional"
		}
		return ""
	},
}

func whereUnpaged(s manifest.Stream) string {
	if s.Paging.Type == "" {
		return "one reply is the whole list"
	}
	return ""
}

// each runs a rule on every stream of every connector that is built in.
func each(t *testing.T, rule string, hold func(t *testing.T, connector string, s manifest.Stream)) {
	t.Helper()
	for _, connector := range connectors.Names() {
		for _, s := range loadManifest(t, connector).Streams {
			t.Run(connector+" "+s.Name, func(t *testing.T) {
				t.Parallel()
				if why := notHeld(connector, rule, s); why != "" {
					t.Skip(why)
				}
				hold(t, connector, s)
			})
		}
	}
}

func notHeld(connector, rule string, s manifest.Stream) string {
	if why := rules[rule](s); why != "" {
		return why
	}
	return vendorShapes[connector].not[rule+" "+s.Name]
}

// TestEveryStreamOfEveryConnectorHasItsEvidence holds that no connector, stream or rule is left out of the tests in silence: each is
// shown in its vendor's shape, or the reason why it can't be is told.
func TestEveryStreamOfEveryConnectorHasItsEvidence(t *testing.T) {
	t.Parallel()
	assert.ElementsMatch(t, connectors.Names(), sortedKeys(vendorShapes))
	for _, connector := range connectors.Names() {
		shape, m := vendorShapes[connector], loadManifest(t, connector)
		assert.ElementsMatch(t, m.StreamNames(), sortedKeys(shape.record), "%s: a stream without a record in its vendor's shape", connector)
		for key, why := range shape.not {
			i := strings.LastIndex(key, " ")
			require.Positive(t, i, key)
			rule, stream := key[:i], key[i+1:]
			s, ok := m.Stream(stream)
			assert.True(t, ok && rules[rule] != nil && why != "", "%s: %q names no rule and stream", connector, key)
			if ok && rules[rule] != nil {
				assert.Empty(t, rules[rule](*s), "%s: %q is said already", connector, key)
			}
		}
		for _, s := range m.Streams {
			if len(s.Expected)+len(s.Usual) == 0 {
				assert.NotEmpty(t, shape.not["hidden "+s.Name], "%s %s: names no field that the key may not see; why?", connector, s.Name)
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
