package manifest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/jsonraw"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// Kinds of Stream.
const (
	KindEvents   = "events"
	KindSnapshot = "snapshot"
)

func (c *checker) streams() {
	var earlier []string
	for i, s := range c.m.Streams {
		key := yamlx.Index("streams", i)
		c.name(key+".name", s.Name)
		if s.Name != "" && slices.Contains(earlier, s.Name) {
			c.add(key+".name", "there is another stream %s", s.Name)
		}
		c.stream(key, s, earlier)
		earlier = append(earlier, s.Name)
	}
}

func (c *checker) stream(key string, s Stream, earlier []string) {
	c.required(key+".kind", s.Kind, "events or snapshot")
	c.oneOf(key+".kind", s.Kind, []string{KindEvents, KindSnapshot})
	c.identity(key, s)
	for _, path := range yamlx.SortedKeys(s.Fields) {
		at := yamlx.Join(key+".fields", path)
		c.path(at, path)
		name := strings.TrimSuffix(s.Fields[path], "!")
		c.required(at, name, "a type: "+strings.Join(fieldTypes, ", "))
		c.oneOf(at, name, fieldTypes)
	}
	for i, group := range s.Expected {
		c.paths(yamlx.Index(key+".expected", i), group)
	}
	for i, group := range s.Usual {
		c.paths(yamlx.Index(key+".usual", i), group)
	}
	if s.ForEach != nil {
		c.forEach(key+".for_each", s, earlier)
	}
	c.response(key+".response", s.Response)
	c.paging(key+".paging", s)
	used := c.request(key, s)
	if s.Window != nil {
		c.window(key+".window", s, used)
	}
}

// identity checks what says which record is which, and when it happened.
func (c *checker) identity(key string, s Stream) {
	c.paths(key+".id", s.ID)
	for i, text := range s.ID {
		if p, err := jsonraw.ParsePath(text); err == nil {
			if _, ok := p.Parent(); ok && s.ForEach == nil {
				c.add(yamlx.Index(key+".id", i), "only a stream with for_each has a parent")
			}
		}
	}
	c.path(key+".time", s.Time)
	switch s.Kind {
	case KindEvents:
		if len(s.ID) == 0 {
			c.required(key+".id", "", "the path of the event's id: events that are read twice are told by it")
		}
		c.required(key+".time", s.Time, "the path of the event's time")
	case KindSnapshot:
		if s.Time != "" {
			c.add(key+".time", "only streams of kind events have a time")
		}
		if s.Window != nil {
			c.add(key+".window", "only streams of kind events have a window; a snapshot is read whole")
		}
	}
	c.timeFormat(key+".time_format", s.TimeFormat, "rfc3339", "epoch", "epoch_ms")
	if s.TimeFormat != "" && s.Time == "" {
		c.required(key+".time", "", "the path that time_format is about")
	}
}

// timeFormat takes one of the names, or a Go layout, which spells the year 2006 or 06.
func (c *checker) timeFormat(key, value string, names ...string) {
	if value == "" || slices.Contains(names, value) || strings.Contains(value, "06") {
		return
	}
	c.add(key, "%q is not a format%s, or a Go layout such as 2006-01-02 15:04:05", value, yamlx.Hint(value, names))
}

func (c *checker) forEach(key string, s Stream, earlier []string) {
	f := s.ForEach
	switch {
	case f.Stream == "":
		c.required(key+".stream", "", "the stream whose records are asked about")
	case f.Stream == s.Name:
		c.add(key+".stream", "a stream can't be its own parent")
	case !slices.Contains(earlier, f.Stream):
		if _, later := c.m.Stream(f.Stream); later {
			c.add(key+".stream", "%s comes later; put parents before their children", f.Stream)
		} else {
			c.add(key+".stream", "there is no stream %q%s", f.Stream, yamlx.Hint(f.Stream, earlier))
		}
	}
	for _, path := range yamlx.SortedKeys(f.Where) {
		at := yamlx.Join(key+".where", path)
		c.path(at, path)
		if len(f.Where[path]) == 0 {
			c.required(at, "", "the values to keep")
		}
	}
	c.path(key+".name", f.Name)
	for i, code := range f.Gone {
		c.required(yamlx.Index(key+".gone", i), code, "a code of the vendor's")
	}
	if len(f.Gone) > 0 && len(c.m.Errors.Code) == 0 {
		c.add(key+".gone", "errors.code does not say where the vendor's codes stand")
	}
}

// request checks a stream's requests and gives the roots of the placeholders they use.
func (c *checker) request(key string, s Stream) []string {
	r := s.Request
	roots := []string{"settings", "org"}
	if s.ForEach != nil {
		roots = append(roots, "parent")
	}
	if s.Window != nil {
		roots = append(roots, "start", "end", "date")
	}
	var used []string
	inPath := func(key, text string) []Placeholder {
		placeholders := c.template(key, text, roots...)
		for _, p := range placeholders {
			used = append(used, p.Root())
		}
		return placeholders
	}
	check := func(key, text string) {
		for _, p := range inPath(key, text) {
			if p.Modifier != "" {
				c.add(key, "{%s|%s}: this modifier is for paths; elsewhere values are escaped as needed", p.Name, p.Modifier)
			}
		}
	}
	checkAll := func(key string, m map[string]string) {
		for _, name := range yamlx.SortedKeys(m) {
			check(yamlx.Join(key, name), m[name])
		}
	}
	at := key + ".request"
	c.oneOf(at+".method", r.Method, []string{"GET", "POST"})
	switch {
	case r.Path == "":
		c.required(at+".path", r.Path, "the path below base_url")
	case !strings.HasPrefix(r.Path, "/"):
		c.add(at+".path", "%q; expected a path that starts with /; the host comes from settings.base_url", r.Path)
	case strings.ContainsAny(r.Path, "?#"):
		c.add(at+".path", "put what follows ? under query")
	}
	inPath(at+".path", r.Path)
	checkAll(at+".query", r.Query)
	checkAll(at+".headers", r.Headers)
	checkAll(at+".form", r.Form)
	checkAll(at+".check", r.Check)
	check(at+".body", r.Body)
	for i, v := range s.Variants {
		checkAll(yamlx.Index(key+".variants", i), v)
	}
	check(key+".paging.start", s.Paging.Start)
	c.body(at, r)
	return used
}

func (c *checker) body(key string, r Request) {
	if r.Body == "" && r.Form == nil {
		return
	}
	if r.Body != "" && r.Form != nil {
		c.add(key+".form", "a request has a body or a form, not both")
	}
	if r.Method != "POST" {
		c.add(key+".method", "expected POST, as there is a body or form to send")
	}
	// Whatever a placeholder stands for, in a string or for a number, the body around it is JSON.
	if r.Body != "" && !json.Valid([]byte(placeholder.ReplaceAllString(r.Body, "0"))) {
		c.add(key+".body", "is not JSON")
	}
}

func (c *checker) response(key string, r Response) {
	c.oneOf(key+".format", r.Format, formats)
	c.path(key+".records", r.Records)
	c.path(key+".explode", r.Explode)
	if r.Format == "csv" || r.Format == "ndjson" {
		for field, set := range map[string]bool{"records": r.Records != "", "key_as": r.KeyAs != "", "allow_missing": r.AllowMissing} {
			if set {
				c.add(key+"."+field, "means nothing in %s: each line is a record", r.Format)
			}
		}
	}
	for i, h := range r.RedirectHosts {
		if !hostPattern.MatchString(h) {
			c.add(yamlx.Index(key+".redirect_hosts", i), "%q is not a host; expected files.vendor.example or *.vendor.example", h)
		}
	}
}

func (c *checker) window(key string, s Stream, used []string) {
	w := s.Window
	c.required(key+".start", w.Start, "how far back the first read goes, e.g. 90d")
	c.duration(key+".start", w.Start, false)
	c.duration(key+".overlap", w.Overlap, true)
	c.duration(key+".step", w.Step, false)
	c.duration(key+".lag", w.Lag, true)
	c.duration(key+".retention", w.Retention, false)
	c.timeFormat(key+".format", w.Format, "rfc3339", "epoch", "epoch_ms", "date")
	if slices.Contains(used, "date") {
		if step, err := ParseDuration(w.Step); err != nil || step != day {
			c.add(key+".step", "must be 1d where {date} is used: it is one day")
		}
	}
	if !slices.Contains(used, "start") && !slices.Contains(used, "date") {
		c.add(key, "is never used; put {start} and {end} or {date} into the request")
	}
}
