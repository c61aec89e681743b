package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/jsonraw"
)

// Position is where in a list the next page stands. The zero Position is the first page. Its
// JSON is part of a stream's cursor.
type Position struct {
	URL    string          `json:"url,omitempty"`    // link_header, next_url: the page's address
	Cursor json.RawMessage `json:"cursor,omitempty"` // cursor: as the vendor gave it
	Pages  int64           `json:"pages,omitempty"`  // pages read so far
	Seen   int64           `json:"seen,omitempty"`   // records read so far
	// Largest page so far: a smaller one is the last where nothing else says so.
	Largest int64 `json:"largest,omitempty"`
}

// IsZero tells the first page.
func (p Position) IsZero() bool { return p.URL == "" && len(p.Cursor) == 0 && p.Pages == 0 }

// Target is a list to be read: the request for its first page, without paging parameters.
type Target struct {
	Stream        string
	Method        string
	URL           *url.URL // with its query
	Header        map[string]string
	Body          []byte // JSON; nil for none
	Form          url.Values
	RedirectHosts []string
	// Start and Resume are for iterators: the value that starts one, and whether one was started
	// before, so that its last page is asked for again.
	Start  string
	Resume bool
}

// maxPages guards against a list without end.
const maxPages = 1_000_000

// Pager finds one page after another. It is safe for concurrent use.
type Pager struct {
	spec                       manifest.Paging
	next, total, hasMore, wait *jsonraw.Path
}

// NewPager reads a manifest's paging.
func NewPager(spec manifest.Paging) (*Pager, error) {
	p := &Pager{spec: spec}
	switch spec.Type {
	case "", "none", "link_header", "next_url", "cursor", "offset", "page", "start_index", "iterator":
	default:
		return nil, fmt.Errorf("paging.type %q is not known", spec.Type)
	}
	for _, f := range []struct {
		key, text string
		path      **jsonraw.Path
	}{{"next", spec.Next, &p.next}, {"total", spec.Total, &p.total}, {"has_more", spec.HasMore, &p.hasMore}, {"wait", spec.Wait, &p.wait}} {
		if f.text == "" {
			continue
		}
		path, err := jsonraw.ParsePath(f.text)
		if err != nil {
			return nil, fmt.Errorf("paging.%s: %w", f.key, err)
		}
		*f.path = &path
	}
	return p, nil
}

// Pages reads a list from a position to its end, page by page. yield gets each page with the
// position after it and whether it was the last; the page is closed when yield returns. An
// error of yield ends the reading and is returned.
func (c *Client) Pages(ctx context.Context, t Target, shape *Shape, pager *Pager, from Position,
	yield func(page *Page, next Position, last bool) error) error {
	w := &walk{client: c, target: t, pager: pager, pos: from, resent: t.Resume, visited: map[uint64]bool{}}
	for {
		last, err := w.step(ctx, shape, yield)
		if err != nil || last {
			return err
		}
	}
}

// walk is one reading of a list.
type walk struct {
	client  *Client
	target  Target
	pager   *Pager
	pos     Position
	resent  bool // iterator: the page is or was asked for again
	begun   bool // iterator: a page was read in this walk
	visited map[uint64]bool
	print   uint64 // of the page before
	empty   int    // empty pages in a row of a polled list
	// countedTo is the total that the page before told of, where pages are counted.
	countedTo int64
}

func (w *walk) step(ctx context.Context, shape *Shape, yield func(*Page, Position, bool) error) (last bool, err error) {
	req, err := w.request()
	if err != nil {
		return false, err
	}
	page, err := w.client.Fetch(ctx, req, shape)
	if err != nil && w.isBehindTheEnd(err) {
		return true, yield(&Page{Header: http.Header{}, URL: req.URL, RequestedAt: w.client.clock.Now(), Source: w.client.pathOf(req.URL)}, w.pos, true)
	}
	if err != nil {
		return false, err
	}
	defer func() {
		if closeErr := page.Close(); closeErr != nil {
			err = errors.Join(err, closeErr)
		}
	}()
	if w.pos.Pages++; w.pos.Pages > maxPages {
		return false, w.loop(fmt.Sprintf("there are more than %d pages", maxPages))
	}
	next, last, err := w.after(page)
	if err != nil {
		return false, err
	}
	if err := yield(page, next, last); err != nil {
		return false, err
	}
	if page.file != nil { // its records have been counted only now
		next.Seen = w.pos.Seen + int64(page.Count)
	}
	w.pos, w.begun = next, true
	if w.pager.wait != nil && !last {
		wait := w.asked(page)
		if err := page.Close(); err != nil { // others need the room meanwhile
			return false, err
		}
		return false, w.pause(ctx, wait)
	}
	return last, nil
}

// isBehindTheEnd tells whether a refusal is the vendor's way to say that there is no such page any more: all records
// that it counts have been read.
func (w *walk) isBehindTheEnd(err error) bool {
	switch StatusOf(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable, http.StatusUnprocessableEntity:
		return w.begun && w.countedTo > 0 && w.pos.Seen >= w.countedTo
	}
	return false
}

// asked is how long the page says to wait before the next request.
func (w *walk) asked(page *Page) time.Duration {
	text, _ := w.pager.wait.Text(page.Body)
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || !(s > 0) { // nor NaN
		return 0
	}
	return time.Duration(min(s, 1e6) * float64(time.Second))
}

func (w *walk) pause(ctx context.Context, d time.Duration) error {
	if d > w.client.maxWait {
		return &WaitError{Wait: d, Max: w.client.maxWait}
	}
	return w.client.clock.Sleep(ctx, d)
}

func (w *walk) loop(what string) error {
	return &LoopError{Method: cmp.Or(w.target.Method, http.MethodGet), Path: w.client.pathOf(w.target.URL), What: what}
}

// request makes the request for the page at the walk's position.
func (w *walk) request() (Request, error) {
	t, spec := w.target, w.pager.spec
	u := *t.URL
	req := Request{Stream: t.Stream, Method: cmp.Or(t.Method, http.MethodGet), Header: t.Header, RedirectHosts: t.RedirectHosts}
	if w.pos.URL != "" {
		next, err := u.Parse(w.pos.URL)
		if err != nil {
			return req, w.badLink(errors.New("the vendor's next link is no address"))
		}
		u = *next
	}
	params := map[string]json.RawMessage{}
	if w.pos.URL == "" {
		w.set(params)
	}
	req.URL = &u
	switch {
	case spec.In == "body" && t.Form == nil:
		body, err := withMembers(t.Body, params)
		if err != nil {
			return req, err
		}
		req.Body = body
	case spec.In == "body":
		req.Body = []byte(withValues(t.Form, params).Encode())
	default:
		if len(params) > 0 {
			u.RawQuery = EncodeQuery(withValues(u.Query(), params))
		}
		req.Body = t.Body
		if t.Form != nil {
			req.Body = []byte(t.Form.Encode())
		}
	}
	req.ContentType = "application/json"
	if t.Form != nil {
		req.ContentType = "application/x-www-form-urlencoded"
	}
	if spec.Type == "iterator" && (w.begun || t.Resume) {
		// The vendor may have moved on although its reply was lost.
		req.onRetry = func(r *Request) {
			w.resent = true
			again := *t.URL
			again.RawQuery = EncodeQuery(withValues(again.Query(), map[string]json.RawMessage{spec.Param: quote(spec.Resend)}))
			r.URL = &again
		}
	}
	return req, nil
}

// set gives the paging parameters of the walk's position.
func (w *walk) set(params map[string]json.RawMessage) {
	spec := w.pager.spec
	number := func(n int64) json.RawMessage { return strconv.AppendInt(nil, n, 10) }
	first := int64(1)
	if spec.First != nil {
		first = int64(*spec.First)
	}
	switch spec.Type {
	case "cursor":
		if len(w.pos.Cursor) > 0 {
			params[spec.Param] = w.pos.Cursor
		}
	case "offset":
		params[spec.Param] = number(w.pos.Seen)
	case "page":
		params[spec.Param] = number(first + w.pos.Pages)
	case "start_index":
		params[spec.Param] = number(first + w.pos.Seen)
	case "iterator":
		value := w.target.Start
		if w.begun {
			value = spec.More
		} else if w.target.Resume {
			value = spec.Resend
		}
		params[spec.Param] = quote(value)
	}
	if spec.SizeParam != "" && spec.Size > 0 {
		params[spec.SizeParam] = number(int64(spec.Size))
	}
}

// withValues adds parameters to a query or form; the vendor's arrays become comma-separated.
func withValues(values url.Values, params map[string]json.RawMessage) url.Values {
	out := maps.Clone(values)
	if out == nil {
		out = url.Values{}
	}
	for name, raw := range params {
		out.Set(name, paramText(raw))
	}
	return out
}

func paramText(raw []byte) string {
	if text, ok := jsonraw.Text(raw); ok {
		return text
	}
	if jsonraw.Kind(raw) == '[' {
		var parts []string
		if err := jsonraw.Elements(raw, func(e []byte) error {
			text, _ := jsonraw.Text(e)
			parts = append(parts, text)
			return nil
		}); err == nil {
			return strings.Join(parts, ",")
		}
	}
	return string(raw)
}

// withMembers sets members of a JSON object.
func withMembers(body []byte, params map[string]json.RawMessage) ([]byte, error) {
	if len(params) == 0 {
		return body, nil
	}
	object := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(body)) > 0 {
		if err := json.Unmarshal(body, &object); err != nil {
			return nil, fmt.Errorf("request.body is not a JSON object: %w", err)
		}
	}
	maps.Copy(object, params)
	return json.Marshal(object)
}
