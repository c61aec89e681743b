package httpapi

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/excerpt"
	"github.com/rightseat/rightseat/internal/jsonraw"
)

// Record is one record of a page.
type Record struct {
	// Raw is the record as sent, one JSON value; a slice of the page's body.
	Raw []byte
	// Issue is why the record could not be read; Raw then holds its text as a JSON string.
	Issue string
	// Check is the issue's short name, e.g. bad_json; empty without one.
	Check string
}

// Page is one reply with its records.
type Page struct {
	Status      int
	Header      http.Header
	URL         *url.URL  // where the reply came from, after redirects
	Source      string    // path of the request, without the query
	RequestedAt time.Time // when it was asked for, by the client's clock
	// Count is how many records the vendor sent, before exploding. For streamed pages it is known
	// after [Page.Chunks].
	Count   int
	Body    []byte // of a JSON page
	records []Record
	file    *spool // of a streamed page
	print   uint64
	// exploded counts the bytes of records that were made from one.
	exploded int64
	large    *Memory // holds a place for the page; nil for a small one
}

// Size is how many bytes of memory the page holds.
func (p *Page) Size() int64 { return int64(len(p.Body)) }

// Chunks hands out the page's records, a few megabytes at a time, in order. The slices stay
// valid. It may be called once.
func (p *Page) Chunks(fn func([]Record) error) error {
	if p.file == nil {
		return fn(p.records)
	}
	return p.file.chunks(p, fn)
}

// Close frees what the page holds on disk and of the memory's budget.
func (p *Page) Close() error {
	if p.large != nil {
		p.large.release()
		p.large = nil
	}
	if p.file == nil {
		return nil
	}
	return p.file.close()
}

// Shape says how records stand in a reply.
type Shape struct {
	format       string
	records      jsonraw.Path
	keyAs        string
	explode      *jsonraw.Path
	allowMissing bool
	single       bool // an object at the path is one record
}

// NewShape reads a manifest's response.
func NewShape(r manifest.Response, p manifest.Paging) (*Shape, error) {
	s := &Shape{format: cmp.Or(r.Format, "json"), keyAs: r.KeyAs, allowMissing: r.AllowMissing}
	switch s.format {
	case "json", "ndjson", "csv":
	default:
		return nil, fmt.Errorf("response.format %q is none of json, ndjson, csv", r.Format)
	}
	var err error
	if s.records, err = jsonraw.ParsePath(cmp.Or(r.Records, "$")); err != nil {
		return nil, fmt.Errorf("response.records: %w", err)
	}
	if r.Explode != "" {
		path, err := jsonraw.ParsePath(r.Explode)
		if err != nil {
			return nil, fmt.Errorf("response.explode: %w", err)
		}
		s.explode = &path
	}
	s.single = s.keyAs == "" && (p.Type == "" || p.Type == "none")
	return s, nil
}

// recordsName is the name at the top of a reply below which the records stand; "$" where they are the reply.
func (s *Shape) recordsName() string {
	name, _, _ := strings.Cut(s.records.String(), ".")
	return strings.Trim(name, `"`)
}

// byteOrderMark is what some servers put before their JSON.
var byteOrderMark = []byte("\xef\xbb\xbf")

var (
	errTooLarge = errors.New("the page is too large; ask for fewer records a page")
	seed        = maphash.MakeSeed()
)

// read fills the page from the reply's body.
func (c *Client) read(ctx context.Context, req *Request, page *Page, body *idleReader, shape *Shape) error {
	unpacked, err := unzip(body)
	if err != nil {
		return err
	}
	if shape.format != "json" {
		return c.spool(req, page, unpacked, shape)
	}
	grow := func() error {
		body.pause() // the vendor is not to blame for this wait
		if err := c.memory.acquire(ctx); err != nil {
			return err
		}
		page.large = c.memory
		return nil
	}
	if page.Body, err = readBody(unpacked, page.Header, c.maxBody, grow); err != nil {
		if errors.Is(err, errTooLarge) {
			return fmt.Errorf("%s %s: more than %d bytes: %w", req.Method, c.pathOf(req.URL), c.maxBody, err)
		}
		return err
	}
	switch page.Status {
	case http.StatusNoContent:
		if shape.allowMissing {
			return nil
		}
		return c.badPage(req, page, page.Body, shape, errors.New("204 No Content, which says nothing of records"))
	case http.StatusAccepted, http.StatusPartialContent:
		return c.badPage(req, page, page.Body, shape, fmt.Errorf("%d %s, which is not the whole reply", page.Status, http.StatusText(page.Status)))
	}
	page.Body = bytes.TrimPrefix(page.Body, byteOrderMark)
	if err := shape.decode(page); err != nil {
		return c.badPage(req, page, page.Body, shape, err)
	}
	if c.words.refused(page.Header, page.Body, shape) {
		return c.refusal(req, page.Status, page.Header, page.Body)
	}
	return nil
}

func (c *Client) badPage(req *Request, page *Page, got []byte, shape *Shape, err error) error {
	got = bytes.TrimSpace(got)
	if bytes.HasPrefix(got, []byte("<")) {
		err = errors.New("HTML or XML instead of JSON")
	}
	// A page that is JSON of another shape may be an error after all.
	if c.words.refused(page.Header, got, shape) {
		return c.refusal(req, page.Status, page.Header, got)
	}
	return &PageError{
		Method: req.Method, Path: c.pathOf(req.URL), ContentType: cmp.Or(c.shown(page.Header.Get("Content-Type"), excerpt.Most), "a reply without content type"),
		Got: c.shown(string(got[:min(len(got), searched)]), gotMost), Err: err,
	}
}

// gotMost is how many characters a message shows of a page that is none.
const gotMost = 120

// unzip unpacks a body that is gzip by its first bytes, whatever its headers say.
func unzip(body io.Reader) (io.Reader, error) {
	r := bufio.NewReaderSize(body, 64<<10)
	head, err := r.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
		return r, nil
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return z, nil
}

// readBody reads up to limit bytes; grow is called before memory for a large page is taken.
func readBody(r io.Reader, h http.Header, limit int64, grow func() error) ([]byte, error) {
	var b bytes.Buffer
	if n, ok := leadingInt(h.Get("Content-Length")); ok {
		b.Grow(int(min(int64(n), limit, smallPage)) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(io.LimitReader(r, min(limit+1, smallPage))); err != nil {
		return nil, err
	}
	if b.Len() == smallPage {
		if err := grow(); err != nil {
			return nil, err
		}
		if _, err := b.ReadFrom(io.LimitReader(r, limit+1-smallPage)); err != nil {
			return nil, err
		}
	}
	if int64(b.Len()) > limit {
		return nil, errTooLarge
	}
	return b.Bytes(), nil
}

// decode slices the records out of a JSON body.
func (s *Shape) decode(page *Page) error {
	if s.records.IsRoot() {
		return s.collect(page, page.Body)
	}
	body, err := jsonraw.Trim(page.Body)
	if err != nil {
		return err
	}
	found := false
	err = s.records.Each(body, func(v []byte) error {
		if jsonraw.Kind(v) == 'n' {
			return nil
		}
		found = true
		return s.collect(page, v)
	})
	if err == nil && !found && !s.allowMissing {
		return fmt.Errorf("there is nothing at %q", s.records)
	}
	return err
}

// collect takes the records of one array (or object, with key_as).
func (s *Shape) collect(page *Page, v []byte) error {
	var h maphash.Hash
	h.SetSeed(seed)
	add := func(raw []byte) error {
		page.Count++
		_, _ = h.Write(raw) // never fails, says its documentation
		return s.add(page, raw)
	}
	var err error
	switch kind := jsonraw.Kind(v); {
	case kind == '[':
		err = jsonraw.Elements(v, add)
	case kind == '{' && s.keyAs != "":
		err = jsonraw.Members(v, func(key, value []byte) error { return add(withKey(s.keyAs, key, value)) })
	case kind == '{' && s.single:
		one, trimErr := jsonraw.Trim(v)
		if trimErr != nil {
			return trimErr
		}
		err = add(one)
	case kind == 0:
		return jsonraw.ErrCut
	default:
		if err := jsonraw.Check(v); err != nil {
			return err
		}
		return fmt.Errorf("the value at %q is not an array", s.records)
	}
	page.print ^= h.Sum64()
	return err
}

// maxExploded bounds what becomes of a page, or of a streamed page's record, whose long records
// are repeated around each of many elements.
const maxExploded = 256 << 20

// add explodes a record where the manifest says so.
func (s *Shape) add(page *Page, raw []byte) error {
	if s.explode == nil {
		page.records = append(page.records, Record{Raw: raw})
		return nil
	}
	list, ok := s.explode.Lookup(raw)
	if !ok || jsonraw.Kind(list) != '[' {
		page.records = append(page.records, Record{Raw: raw})
		return nil
	}
	// list is a slice of raw: what lies before and after it is copied around each element.
	start := bytes.Index(raw, list)
	if at, ok := offset(raw, list); ok {
		start = at
	}
	before, after := raw[:start], raw[start+len(list):]
	return jsonraw.Elements(list, func(element []byte) error {
		size := len(before) + len(element) + len(after)
		if page.exploded += int64(size); page.exploded > maxExploded {
			return errTooLarge
		}
		one := make([]byte, 0, size)
		one = append(append(append(one, before...), element...), after...)
		page.records = append(page.records, Record{Raw: one})
		return nil
	})
}

// offset tells where in raw its sub-slice starts.
func offset(raw, sub []byte) (int, bool) {
	if len(sub) == 0 {
		return 0, false
	}
	for i := 0; i+len(sub) <= len(raw); i++ {
		if &raw[i] == &sub[0] {
			return i, true
		}
	}
	return 0, false
}

// withKey puts an object's key into its value, which becomes a member "value" where it is no object.
func withKey(name string, key, value []byte) []byte {
	out := make([]byte, 0, len(name)+len(key)+len(value)+16)
	out = append(append(append(append(out, '{'), quote(name)...), ':'), key...)
	if jsonraw.Kind(value) != '{' {
		return append(append(append(out, `,"value":`...), value...), '}')
	}
	rest := bytes.TrimLeft(value[1:], " \t\r\n")
	if rest[0] != '}' {
		out = append(out, ',')
	}
	return append(out, rest...)
}

// maxSpool bounds what a page that is streamed may take of the disk, unpacked.
const maxSpool = 16 << 30

// spool is a page kept in a temporary file while its records are read: what was cut short is
// found out before any record counts. The file has no name where the system allows that, so
// that nothing of it stays behind.
type spool struct {
	f     *os.File
	named bool
	shape *Shape
}

func (c *Client) spool(req *Request, page *Page, body io.Reader, shape *Shape) error {
	f, err := os.CreateTemp(c.tempDir, "page-*.tmp")
	if err != nil {
		return fmt.Errorf("keep a page on disk: %w", err)
	}
	page.file = &spool{f: f, shape: shape, named: os.Remove(f.Name()) != nil}
	fail := func(err error) error { return errors.Join(err, page.file.close()) }
	if size, err := io.Copy(f, io.LimitReader(body, c.maxSpool+1)); err != nil {
		return fail(err)
	} else if size > c.maxSpool {
		return fail(fmt.Errorf("%s %s: more than %d bytes: %w", req.Method, c.pathOf(req.URL), c.maxSpool, errTooLarge))
	}
	head := make([]byte, 4096)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fail(err)
	}
	head = bytes.TrimSpace(head[:n])
	if bytes.HasPrefix(head, []byte("<")) {
		return fail(c.badPage(req, page, head, shape, errors.New("HTML or XML")))
	}
	if shape.format == "csv" && (jsonraw.Kind(head) == '{' || jsonraw.Kind(head) == '[') {
		return fail(c.badPage(req, page, head, shape, errors.New("JSON instead of CSV")))
	}
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if c.words.refused(page.Header, line, shape) {
		return fail(c.refusal(req, page.Status, page.Header, head))
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fail(err)
	}
	return nil
}

func (s *spool) close() error {
	if s.f == nil {
		return nil
	}
	f := s.f
	s.f = nil
	if !s.named {
		return f.Close()
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
