package manifest

import (
	"strings"

	"github.com/rightseat/rightseat/internal/yamlx"
)

// Warning is something in a good manifest that its author may want to do better.
type Warning yamlx.Error

// String gives file:line:column: key: message.
func (w Warning) String() string { e := yamlx.Error(w); return e.Error() }

// Lint looks at a manifest that [Parse] found good. The warnings come in the order of the file.
func Lint(m *Manifest) []Warning {
	doc := m.doc
	if doc == nil {
		doc = &yamlx.Document{File: m.Name}
	}
	l := &linter{m: m, doc: doc.Fork()}
	l.manifest()
	for i, s := range m.Streams {
		l.stream(yamlx.Index("streams", i), s)
	}
	var out []Warning
	for _, e := range l.doc.Problems() {
		out = append(out, Warning(*e))
	}
	return out
}

type linter struct {
	m   *Manifest
	doc *yamlx.Document
}

func (l *linter) missing(key, value, why string) {
	if value == "" {
		l.doc.Add(key, "is missing: %s", why)
	}
}

func (l *linter) manifest() {
	m := l.m
	l.missing("description", m.Description, "one sentence says what the connector brings")
	l.missing("docs", m.Docs, "a link to the vendor's API documentation")
	if len(m.Permissions) == 0 {
		l.missing("permissions", "", "people need to know what to allow the account")
	}
	for i, p := range m.Permissions {
		l.missing(yamlx.Index("permissions", i)+".why", p.Why, "people grant what they understand")
	}
	if len(m.Auth) == 0 {
		l.missing("auth", "", "write type: none when the vendor asks for nothing")
	}
	if len(m.Limits) == 0 {
		l.missing("limits", "", "without a budget only the vendor's headers hold requests back")
	}
	if len(m.Errors.Message) == 0 {
		l.missing("errors.message", "", "an error then shows no words of the vendor")
	}
	if s, ok := m.Settings["base_url"]; !ok || s.Default == "" && s.Example == "" {
		l.missing("settings.base_url", "", "give it a default or an example")
	}
	used := strings.Join(l.texts(), "\n")
	for _, name := range yamlx.SortedKeys(m.Settings) {
		key := yamlx.Join("settings", name)
		l.missing(key+".description", m.Settings[name].Description, "people fill it in")
		if !strings.Contains(used, "{settings."+name+"}") && name != "base_url" && name != "token_url" && name != "start_date" {
			l.doc.Add(key, "is used nowhere")
		}
	}
}

func (l *linter) stream(key string, s Stream) {
	l.missing(key+".description", s.Description, "one sentence says what a record is")
	if len(s.Fields) == 0 {
		l.missing(key+".fields", "", "no record is checked, so a changed API goes unnoticed")
	}
	if len(s.ID) == 0 {
		l.missing(key+".id", "", "records are told apart by a hash of their content")
	}
	l.permission(key, s)
	if s.Kind == KindEvents && s.Window == nil && !s.Paging.Polling && s.ForEach == nil {
		l.missing(key+".window", "", "every run reads all events again")
	}
	if s.Window != nil {
		l.window(key+".window", s)
	}
}

func (l *linter) permission(key string, s Stream) {
	if len(l.m.Permissions) == 0 {
		return
	}
	for _, p := range l.m.Permissions {
		if len(p.Streams) == 0 {
			return
		}
		for _, name := range p.Streams {
			if name == s.Name {
				return
			}
		}
	}
	l.doc.Add(key, "no permission names this stream; list what the account needs for it")
}

func (l *linter) window(key string, s Stream) {
	w := s.Window
	ownCursor := s.Paging.Polling || s.Paging.Type == PagingIterator
	switch {
	case w.Overlap == "" && !ownCursor:
		l.missing(key+".overlap", "", "events that the vendor adds late are lost")
	}
	start, startErr := ParseDuration(w.Start)
	retention, retentionErr := ParseDuration(w.Retention)
	if startErr == nil && retentionErr == nil && start > retention {
		l.doc.Add(key+".start", "goes back further than retention; the vendor has nothing there")
	}
}

// texts lists every template of the manifest.
func (l *linter) texts() []string {
	m := l.m
	var out []string
	add := func(maps ...map[string]string) {
		for _, mp := range maps {
			for _, v := range mp {
				out = append(out, v)
			}
		}
	}
	for _, s := range m.Settings {
		out = append(out, s.Default)
	}
	add(m.Headers)
	for _, a := range m.Auth {
		out = append(out, a.TokenURL, a.Scope, a.Audience, a.Subject, a.Username, a.Password)
		add(a.Params)
	}
	for _, s := range m.Streams {
		out = append(out, s.Request.Path, s.Request.Body, s.Paging.Start)
		add(s.Request.Query, s.Request.Headers, s.Request.Form, s.Request.Check)
		add(s.Variants...)
	}
	return out
}
