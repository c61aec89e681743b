package endtoend_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/connectors"
	"github.com/rightseat/rightseat/extract/manifest"
)

// payloadVendor answers as a manifest says, with records of the connector's staging fixtures and, where it is
// hostile, all [variants] of them.
type payloadVendor struct {
	manifest *manifest.Manifest
	url      string
	records  map[string][]served // by stream

	mu      sync.Mutex
	brought map[string]bool // streams of events, with their parents: they bring each record once
}

// served is a record of a stream, as sent.
type served struct {
	parent  string // empty: none
	hostile bool
	text    []byte
}

// fixture is a line of a staging fixture.
type fixture struct {
	Record, Parent, At string
	Payload            json.RawMessage
}

func fixtures(t *testing.T, connector, stream string) []fixture {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "extract", "connectors", "testdata", connector, stream+".ndjson"))
	require.NoError(t, err, "a staging fixture of each stream")
	defer func() { require.NoError(t, f.Close()) }()
	var out []fixture
	known := map[string]bool{}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var one fixture
		require.NoError(t, json.Unmarshal(sc.Bytes(), &one))
		if !known[one.Record] {
			known[one.Record] = true
			out = append(out, one)
		}
	}
	require.NotEmpty(t, out)
	return out
}

func newPayloadVendor(t *testing.T, connector string, hostile bool) *payloadVendor {
	t.Helper()
	m, err := connectors.Get(connector)
	require.NoError(t, err)
	v := &payloadVendor{manifest: m, records: map[string][]served{}, brought: map[string]bool{}}
	for i := range m.Streams {
		s := &m.Streams[i]
		v.records[s.Name] = v.recordsOf(t, s, hostile)
	}
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	v.url = server.URL
	return v
}

// recordsOf are a stream's records: those of the fixtures, and what is made of them.
func (v *payloadVendor) recordsOf(t *testing.T, s *manifest.Stream, hostile bool) []served {
	t.Helper()
	var out []served
	seen := map[string]bool{}
	given := v.asked(t, s, fixtures(t, v.manifest.Name, s.Name))
	for i, f := range given {
		var record map[string]any
		d := json.NewDecoder(bytes.NewReader(f.Payload))
		d.UseNumber()
		require.NoError(t, d.Decode(&record))
		named(s, fmt.Sprintf("good%d", i), f, record)
		text, err := json.Marshal(record)
		require.NoError(t, err)
		out = append(out, served{parent: f.Parent, text: text})
	}
	if !hostile {
		return out
	}
	for _, f := range given {
		parent := given[0].Parent
		var record map[string]any
		d := json.NewDecoder(bytes.NewReader(f.Payload))
		d.UseNumber()
		require.NoError(t, d.Decode(&record))
		named(s, "template", f, record)
		template, err := json.Marshal(record)
		require.NoError(t, err)
		for i, text := range variants(t, template, seen, func(n int, record map[string]any) {
			anew(record, n)
			for _, key := range []string{"id", "appId"} { // what else makes a record of a list another one
				if _, ok := record[key]; ok && s.Kind == manifest.KindSnapshot {
					record[key] = fmt.Sprintf("h%d", n)
				}
			}
			named(s, fmt.Sprintf("h%d", n), fixture{At: f.At}, record)
		}) {
			if isSingle(s) {
				parent = fmt.Sprint("#", i) // one for each parent that there is, by its number
			}
			out = append(out, served{parent: parent, hostile: true, text: text})
		}
	}
	return out
}

// asked leaves out the records of parents that the vendor does not list, for which nobody asks.
func (v *payloadVendor) asked(t *testing.T, s *manifest.Stream, given []fixture) []fixture {
	t.Helper()
	if s.ForEach == nil {
		return given
	}
	parents := map[string]bool{}
	for _, f := range fixtures(t, v.manifest.Name, s.ForEach.Stream) {
		parents[f.Record] = true
	}
	given = slices.DeleteFunc(given, func(f fixture) bool { return !parents[f.Parent] })
	require.NotEmpty(t, given)
	return given
}

// isSingle tells of streams that bring one record for each parent.
func isSingle(s *manifest.Stream) bool {
	return s.ForEach != nil && s.Response.Records == "" && (s.Paging.Type == "" || s.Paging.Type == manifest.PagingNone)
}

// named gives a record the ids and the time that its manifest wants, where it has none. Without a record of the
// fixtures the ids are made anew.
func named(s *manifest.Stream, id string, f fixture, record map[string]any) {
	for _, path := range s.ID {
		if strings.HasPrefix(path, "parent.") || path == s.Time {
			continue
		}
		if _, ok := record[path]; !ok || f.Record == "" {
			record[path] = id
			if strings.Contains(path, "mail") {
				record[path] = id + "@hostile.example"
			}
		}
	}
	if s.Time == "" || strings.HasPrefix(s.Time, "parent.") || record[s.Time] != nil {
		return
	}
	record[s.Time] = f.At
	if s.TimeFormat == "epoch" {
		at, err := time.Parse(time.RFC3339, f.At)
		if err == nil {
			record[s.Time] = at.Unix()
		}
	}
}

// anew replaces a record's addresses by ones that nobody else has.
func anew(v any, n int) {
	address := fmt.Sprintf("h%d@hostile.example", n)
	isAddress := func(v any) bool {
		text, ok := v.(string)
		return ok && strings.Contains(text, "@")
	}
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if isAddress(v[k]) {
				v[k] = address
			}
			anew(v[k], n)
		}
	case []any:
		for i := range v {
			if isAddress(v[i]) {
				v[i] = address
			}
			anew(v[i], n)
		}
	}
}

var placeholders = regexp.MustCompile(`\\\{[^}]*\\\}`)

func (v *payloadVendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for i := range v.manifest.Streams {
		s := &v.manifest.Streams[i]
		pattern := "^" + placeholders.ReplaceAllString(regexp.QuoteMeta(s.Request.Path), "([^/]+)") + "$"
		found := regexp.MustCompile(pattern).FindStringSubmatch(r.URL.EscapedPath())
		if found == nil {
			continue
		}
		parent := ""
		if len(found) > 1 {
			parent = found[1]
			for range strings.Count(s.Request.Path, "|escape2}") + 1 {
				if plain, err := url.PathUnescape(parent); err == nil {
					parent = plain
				}
			}
		}
		v.answer(w, r, s, parent)
		return
	}
	w.WriteHeader(http.StatusTeapot)
}

func (v *payloadVendor) answer(w http.ResponseWriter, r *http.Request, s *manifest.Stream, parent string) {
	list := v.listOf(s, parent)
	if variantOf(s, r.URL.Query()) > 0 || s.Kind == manifest.KindEvents && v.again(s.Name, parent) {
		list = nil
	}
	total := len(list)
	if s.Paging.Type == manifest.PagingPage {
		page, err := strconv.Atoi(r.URL.Query().Get(s.Paging.Param))
		if err != nil {
			page = 0
		}
		list = list[min(page*s.Paging.Size, total):min((page+1)*s.Paging.Size, total)]
	}
	body := "[" + strings.Join(list, ",\n") + "]"
	switch {
	case isSingle(s) && len(list) > 0:
		body = list[0]
	case isSingle(s):
		body = fmt.Sprintf(`{"id": %q}`, parent)
	case s.Response.Records != "":
		body = fmt.Sprintf("{%q: %s", s.Response.Records, body)
		if s.Paging.Total != "" {
			body += fmt.Sprintf(", %q: %d", s.Paging.Total, total)
		}
		body += endSign(s) + "}"
	}
	w.Header().Set("Content-Type", "application/json")
	if s.Paging.Linked && s.Paging.Next == "" { // such a vendor links each page to itself, the last one too
		w.Header().Set("Link", "<http://"+r.Host+r.URL.RequestURI()+`>; rel="self"`)
	}
	_, _ = w.Write([]byte(body)) // who asked may be gone
}

// endSign is what says in a page that there is no further one, of a vendor that says so.
func endSign(s *manifest.Stream) string {
	if !s.Paging.Linked || s.Paging.Next == "" {
		return ""
	}
	names := strings.Split(s.Paging.Next, ".")
	sign := "null"
	for _, name := range slices.Backward(names[1:]) {
		sign = fmt.Sprintf("{%q: %s}", name, sign)
	}
	return fmt.Sprintf(", %q: %s", names[0], sign)
}

// listOf are the records that stand below a parent.
func (v *payloadVendor) listOf(s *manifest.Stream, parent string) []string {
	var list []string
	if isSingle(s) {
		for _, r := range v.records[s.Name] {
			if !r.hostile && r.parent == parent {
				return []string{string(r.text)}
			}
		}
		n := -1
		if _, err := fmt.Sscanf(parent, "h%d", &n); err != nil {
			return nil
		}
		var hostile []served
		for _, r := range v.records[s.Name] {
			if r.hostile {
				hostile = append(hostile, r)
			}
		}
		if n < len(hostile) && n >= 0 {
			return []string{string(hostile[n].text)}
		}
		return nil
	}
	for _, r := range v.records[s.Name] {
		if r.parent == parent {
			list = append(list, string(r.text))
		}
	}
	return list
}

func (v *payloadVendor) again(stream, parent string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	key := stream + "\x00" + parent
	before := v.brought[key]
	v.brought[key] = true
	return before
}

// variantOf tells which of a stream's variants is asked for.
func variantOf(s *manifest.Stream, query url.Values) int {
	for i := len(s.Variants) - 1; i > 0; i-- {
		fits := true
		for k, value := range s.Variants[i] {
			fits = fits && query.Get(k) == value
		}
		if fits {
			return i
		}
	}
	return 0
}

// config is a connection to the vendor, as YAML.
func (v *payloadVendor) config() string {
	settings := []string{"base_url: " + v.url}
	for name, s := range v.manifest.Settings {
		if s.Required && name != "base_url" {
			settings = append(settings, name+": "+s.Example)
		}
	}
	slices.Sort(settings)
	return fmt.Sprintf("  - name: %s\n    connector: %s\n    settings: {%s}\n    auth: {token: not-a-secret}\n", v.manifest.Name, v.manifest.Name, strings.Join(settings, ", "))
}
