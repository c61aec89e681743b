package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/jsonraw"
)

// Kinds of stream.
const (
	kindEvents   = "events"
	kindSnapshot = "snapshot"
)

// plan is a manifest's stream made ready to be read.
type plan struct {
	spec        *manifest.Stream
	order       int // in the manifest
	parent      *plan
	shape       *httpapi.Shape
	pager       *httpapi.Pager
	window      *window // nil for none
	reading     *reading
	where       []condition
	parentName  *jsonraw.Path           // of what people call a parent; nil when the manifest does not say
	parentVars  map[string]jsonraw.Path // {parent.X} used in the request, by name
	usesEnd     bool
	fingerprint string
}

// condition keeps parents that have one of the values at a path.
type condition struct {
	path   jsonraw.Path
	values []string
}

func (p *plan) isSnapshot() bool { return p.spec.Kind == kindSnapshot }
func (p *plan) isIterator() bool { return p.spec.Paging.Type == "iterator" }
func (p *plan) isPolling() bool  { return p.spec.Paging.Polling }

// newPlans compiles a manifest's streams, each before its children.
func newPlans(m *manifest.Manifest, base *url.URL) ([]*plan, error) {
	byName := map[string]*plan{}
	var plans []*plan
	for i := range m.Streams {
		p, err := newPlan(&m.Streams[i], base)
		if err != nil {
			return nil, fmt.Errorf("connector %s, stream %s: %w", m.Name, m.Streams[i].Name, err)
		}
		p.order = i
		byName[p.spec.Name] = p
		plans = append(plans, p)
	}
	for _, p := range plans {
		if p.spec.ForEach == nil {
			continue
		}
		if p.parent = byName[p.spec.ForEach.Stream]; p.parent == nil {
			return nil, fmt.Errorf("connector %s, stream %s: for_each names %q, which is no stream", m.Name, p.spec.Name, p.spec.ForEach.Stream)
		}
	}
	for _, p := range plans {
		if p.depth() > len(plans) {
			return nil, fmt.Errorf("connector %s, stream %s: its parents go in a circle", m.Name, p.spec.Name)
		}
	}
	slices.SortStableFunc(plans, func(a, b *plan) int { return a.depth() - b.depth() })
	return plans, nil
}

// depth is how many parents are above; a circle ends the count.
func (p *plan) depth() int {
	n := 0
	for at := p.parent; at != nil && n < 100; at = at.parent {
		n++
	}
	return n
}

func newPlan(s *manifest.Stream, base *url.URL) (*plan, error) {
	p := &plan{spec: s, parentVars: map[string]jsonraw.Path{}}
	if s.Kind != kindEvents && s.Kind != kindSnapshot {
		return nil, fmt.Errorf("kind %q is neither events nor snapshot", s.Kind)
	}
	var err error
	if p.shape, err = httpapi.NewShape(s.Response, s.Paging); err != nil {
		return nil, err
	}
	if p.pager, err = httpapi.NewPager(s.Paging); err != nil {
		return nil, err
	}
	if p.reading, err = newReading(s); err != nil {
		return nil, err
	}
	byDay, err := p.useTemplates()
	if err != nil {
		return nil, err
	}
	if s.Window != nil {
		if p.window, err = newWindow(s.Window, byDay); err != nil {
			return nil, err
		}
	}
	if s.ForEach != nil && s.ForEach.Name != "" {
		parsed, err := jsonraw.ParsePath(s.ForEach.Name)
		if err != nil {
			return nil, fmt.Errorf("for_each.name: %w", err)
		}
		p.parentName = &parsed
	}
	if s.ForEach != nil {
		for path, values := range s.ForEach.Where {
			parsed, err := jsonraw.ParsePath(path)
			if err != nil {
				return nil, fmt.Errorf("for_each.where: %w", err)
			}
			p.where = append(p.where, condition{parsed, values})
		}
	}
	p.fingerprint, err = fingerprint(s, base)
	return p, err
}

// useTemplates finds out what the stream's templates name. byDay tells that it is asked by date.
func (p *plan) useTemplates() (byDay bool, err error) {
	used := slices.Clone(p.reading.parentNames)
	for _, text := range p.templates() {
		t, err := manifest.ParseTemplate(text)
		if err != nil {
			return false, err
		}
		for _, ph := range t.Placeholders() {
			used = append(used, ph.Name)
		}
	}
	for _, name := range used {
		byDay = byDay || name == "date"
		p.usesEnd = p.usesEnd || name == "end"
		if path, ok := strings.CutPrefix(name, "parent."); ok && path != "id" {
			if p.parentVars[name], err = jsonraw.ParsePath(path); err != nil {
				return false, err
			}
		}
	}
	return byDay, nil
}

// templates are the stream's request texts.
func (p *plan) templates() []string {
	r := p.spec.Request
	out := []string{r.Path, r.Body, p.spec.Paging.Start}
	for _, m := range append([]map[string]string{r.Query, r.Headers, r.Form, r.Check}, p.spec.Variants...) {
		for _, v := range m {
			out = append(out, v)
		}
	}
	return out
}

// fingerprint stands for everything that gives positions in a stream their meaning.
func fingerprint(s *manifest.Stream, base *url.URL) (string, error) {
	data, err := json.Marshal(struct {
		Base     string
		Request  manifest.Request
		Response manifest.Response
		Paging   manifest.Paging
		Variants []map[string]string
		ForEach  *manifest.ForEach
	}{base.String(), s.Request, s.Response, s.Paging, s.Variants, s.ForEach})
	if err != nil {
		return "", fmt.Errorf("identify the request: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8]), nil
}

// variants are the sets of extra query parameters; at least one, empty.
func (p *plan) variants() []map[string]string {
	if len(p.spec.Variants) == 0 {
		return []map[string]string{nil}
	}
	return p.spec.Variants
}

// request is what one list of a stream is asked with.
type request struct {
	parent   *parent // nil for none
	variant  map[string]string
	from, to time.Time
	hasEnd   bool // {end} has a value; a polling stream leaves it open
	resume   bool // iterators
	check    bool // only to see whether it works: the vendor's place must not move
}

// target fills in the stream's request.
func (p *plan) target(base *url.URL, vars manifest.Vars, r request) (httpapi.Target, error) {
	t := httpapi.Target{Stream: p.spec.Name, Method: p.spec.Request.Method, RedirectHosts: p.spec.Response.RedirectHosts, Resume: r.resume}
	all := p.vars(vars, r)
	path, err := httpapi.Expand(p.spec.Request.Path, all, manifest.InPath)
	if err != nil {
		return t, err
	}
	text := base.String()
	if path != "" {
		text += "/" + strings.TrimPrefix(path, "/")
	}
	if t.URL, err = url.Parse(text); err != nil || t.URL.Host != base.Host {
		return t, fmt.Errorf("request.path %q gives no address below the API's", p.spec.Request.Path)
	}
	query := t.URL.Query()
	queries := []map[string]string{p.spec.Request.Query, r.variant}
	if r.check {
		queries = append(queries, p.spec.Request.Check)
	}
	for _, params := range queries {
		if err := expandInto(query, params, all); err != nil {
			return t, err
		}
	}
	t.URL.RawQuery = httpapi.EncodeQuery(query)
	if len(p.spec.Request.Headers) > 0 {
		t.Header = map[string]string{}
		for name, template := range p.spec.Request.Headers {
			if t.Header[name], err = httpapi.Expand(template, all, manifest.Plain); err != nil {
				return t, err
			}
		}
	}
	if len(p.spec.Request.Form) > 0 {
		t.Form = url.Values{}
		if err := expandInto(t.Form, p.spec.Request.Form, all); err != nil {
			return t, err
		}
	}
	if p.spec.Request.Body != "" {
		body, err := httpapi.Expand(p.spec.Request.Body, all, manifest.InString)
		if err != nil {
			return t, err
		}
		t.Body = []byte(body)
	}
	t.Start, err = httpapi.Expand(p.spec.Paging.Start, all, manifest.Plain)
	return t, err
}

// expandInto sets parameters, leaving out those that come out empty.
func expandInto(values url.Values, templates map[string]string, vars manifest.Vars) error {
	for name, template := range templates {
		v, err := httpapi.Expand(template, vars, manifest.Plain)
		if err != nil {
			return err
		}
		if v != "" {
			values.Set(name, v)
		}
	}
	return nil
}

// vars adds the request's own names to a connection's.
func (p *plan) vars(outer manifest.Vars, r request) manifest.Vars {
	return func(name string) (string, bool) {
		switch name {
		case "start", "end", "date":
			return p.bound(name, r), true
		}
		if strings.HasPrefix(name, "parent.") {
			return r.parent.value(name)
		}
		if strings.HasPrefix(name, "auth.") {
			return "", false
		}
		return outer(name)
	}
}

func (p *plan) bound(name string, r request) string {
	if r.from.IsZero() {
		return ""
	}
	format := &window{}
	if p.window != nil {
		format = p.window
	}
	switch {
	case name == "start":
		return format.formatStart(r.from)
	case name == "date":
		return r.from.UTC().Format(time.DateOnly)
	case r.hasEnd:
		return format.formatEnd(r.to)
	}
	return ""
}
