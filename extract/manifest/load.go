package manifest

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/jsonraw"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// Version is the version of the manifest format that this build reads.
const Version = 1

// Load reads and checks the manifest in the file at path. All problems come back together, as
// [yamlx.Errors]; [yamlx.IsUsage] recognises them.
func Load(path string) (*Manifest, error) {
	data, err := yamlx.ReadFile(path, "a connector's manifest; rightseat connector new writes one")
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Parse is [Load] for data already read; name stands for the file in messages.
func Parse(name string, data []byte) (*Manifest, error) {
	m := &Manifest{}
	m.doc = yamlx.Decode(name, data, m)
	if m.doc.Readable() {
		c := newChecker(m)
		c.manifest()
	}
	if err := m.doc.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// Stream finds a stream by its name.
func (m *Manifest) Stream(name string) (*Stream, bool) {
	for i := range m.Streams {
		if m.Streams[i].Name == name {
			return &m.Streams[i], true
		}
	}
	return nil, false
}

// StreamNames lists the streams in the manifest's order: parents before their children.
func (m *Manifest) StreamNames() []string {
	names := make([]string, len(m.Streams))
	for i, s := range m.Streams {
		names[i] = s.Name
	}
	return names
}

// Allowed values of the manifest's closed lists.
var (
	// reclaimActions are what a connector may be able to do about seats.
	reclaimActions = []string{"deprovision", "downgrade", "unassign"}

	classes      = []string{"sso", "hr", "casb", "spend", "contracts", "engagement", "own"}
	resetHeaders = []string{"epoch", "seconds", "rfc3339", "auto"}
	fieldTypes   = []string{"string", "integer", "number", "boolean", "object", "array", "time", "date", "email"}
	formats      = []string{"json", "ndjson", "csv"}
	settingName  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	hostPattern  = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?(:[0-9]{1,5})?$`)
)

// checker notes a manifest's problems in its document.
type checker struct {
	m   *Manifest
	doc *yamlx.Document
}

func newChecker(m *Manifest) *checker { return &checker{m: m, doc: m.doc} }

func (c *checker) manifest() {
	m := c.m
	if m.Version != Version {
		c.add("version", "expected %d, the version of the format that this build reads", Version)
	}
	c.name("name", m.Name)
	if err := checkViewName(m.Name); err != nil {
		c.add("name", "%v", err)
	}
	c.required("title", m.Title, "the vendor's name as people write it")
	c.required("class", m.Class, "one of "+strings.Join(classes, ", "))
	c.oneOf("class", m.Class, classes)
	for i, action := range m.Reclaim {
		c.oneOf(yamlx.Index("reclaim", i), action, reclaimActions)
		if (action == "unassign") != (m.Class == "sso") {
			c.add(yamlx.Index("reclaim", i), "identity providers (class sso) unassign, all others deprovision and downgrade")
		}
	}
	switch {
	case m.Class == "sso" && m.IDP == "":
		c.add("idp", "is missing; a connector of class sso says which identity provider it stands for, e.g. okta")
	case m.Class != "sso" && m.IDP != "":
		c.add("idp", "only connectors of class sso stand for an identity provider")
	case m.IDP != "":
		c.name("idp", m.IDP)
	}
	if u, err := url.Parse(m.Docs); m.Docs != "" && (err != nil || u.Host == "") {
		c.add("docs", "is not an address; expected https://…")
	}
	c.settings()
	c.authWays()
	for _, name := range yamlx.SortedKeys(m.Headers) {
		c.template(yamlx.Join("headers", name), m.Headers[name], "settings", "org")
	}
	for i, p := range m.Permissions {
		key := yamlx.Index("permissions", i)
		c.required(key+".name", p.Name, "the scope or role in the vendor's words")
		c.streamsExist(key+".streams", p.Streams)
	}
	c.limits()
	c.paths("errors.message", m.Errors.Message)
	c.paths("errors.code", m.Errors.Code)
	c.path("errors.ok_field", m.Errors.OKField)
	c.paths("errors.also", m.Errors.Also)
	if len(m.Streams) == 0 {
		c.required("streams", "", "at least one stream")
	}
	c.streams()
}

func (c *checker) settings() {
	for _, name := range yamlx.SortedKeys(c.m.Settings) {
		key := yamlx.Join("settings", name)
		s := c.m.Settings[name]
		if !settingName.MatchString(name) {
			c.add(key, "a setting's name is lower-case letters, digits and _, starting with a letter")
		}
		if s.Required && s.Default != "" {
			c.add(key+".default", "a required setting has no default; remove one of the two")
		}
		c.template(key+".default", s.Default, "settings")
		if c.refersTo(s.Default, name, map[string]bool{}) {
			c.add(key+".default", "the default is defined by itself")
		}
	}
}

// refersTo tells whether a default leads to the setting called name, through other defaults too.
func (c *checker) refersTo(text, name string, seen map[string]bool) bool {
	t, err := ParseTemplate(text)
	if err != nil {
		return false
	}
	for _, p := range t.Placeholders() {
		other := p.Rest()
		if p.Root() != "settings" || seen[other] {
			continue
		}
		seen[other] = true
		if other == name || c.refersTo(c.m.Settings[other].Default, name, seen) {
			return true
		}
	}
	return false
}

func (c *checker) limits() {
	first := map[string]bool{}
	for i, l := range c.m.Limits {
		key := yamlx.Index("limits", i)
		c.name(key+".name", l.Name)
		if l.Name != "" && first[l.Name] {
			c.add(key+".name", "there is another limit %s", l.Name)
		}
		first[l.Name] = true
		c.streamsExist(key+".streams", l.Streams)
		switch {
		case l.Requests < 0:
			c.add(key+".requests", "is negative")
		case l.Requests > 0:
			c.required(key+".per", l.Per, "the time that the requests are counted over, e.g. 10s")
		case l.Per != "":
			c.required(key+".requests", "", "how many requests are allowed per "+l.Per)
		}
		c.duration(key+".per", l.Per, false)
		if l.Concurrency < 0 {
			c.add(key+".concurrency", "is negative")
		}
		c.oneOf(key+".reset_header", l.ResetHeader, resetHeaders)
	}
}

// The helpers below check one value each.

func (c *checker) add(key, format string, args ...any) { c.doc.Add(key, format, args...) }

func (c *checker) required(key, value, what string) {
	if value == "" && !c.doc.HasProblem(key) {
		c.add(key, "is missing; expected %s", what)
	}
}

func (c *checker) name(key, value string) {
	if value == "" {
		c.required(key, value, "a name: lower-case letters, digits, - and _")
	} else if err := lake.CheckName(value); err != nil {
		c.add(key, "%v", err)
	}
}

// checkViewName refuses what cannot be part of the names of a connector's SQL views: they are
// called raw.<connector>__<stream>, with _ for -.
func checkViewName(connector string) error {
	switch {
	case connector != "" && connector[0] >= '0' && connector[0] <= '9':
		return fmt.Errorf("name %q: start it with a letter, as SQL names that begin with it do", connector)
	case strings.Contains(strings.ReplaceAll(connector, "-", "_"), "__"):
		return fmt.Errorf("name %q: has two of - and _ in a row, which separate connector and stream in the names of SQL views; use one", connector)
	}
	return nil
}

// oneOf checks a value that has a closed list of allowed ones; empty is fine.
func (c *checker) oneOf(key, value string, allowed []string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.add(key, "%q is not known%s", value, yamlx.Hint(value, allowed))
	}
}

func (c *checker) duration(key, value string, zero bool) {
	if value == "" {
		return
	}
	d, err := ParseDuration(value)
	if err != nil {
		c.add(key, "%v", err)
	} else if d == 0 && !zero {
		c.add(key, "must be more than nothing")
	}
}

// path checks a path; empty is fine. It gives the parsed path.
func (c *checker) path(key, value string) jsonraw.Path {
	if value == "" {
		return jsonraw.Path{}
	}
	p, err := jsonraw.ParsePath(value)
	if err != nil {
		c.add(key, "%v", err)
	}
	return p
}

func (c *checker) paths(key string, values []string) {
	for i, v := range values {
		at := yamlx.Index(key, i)
		if !c.doc.Has(at) {
			at = key // written as a single value
		}
		if v == "" {
			c.required(at, v, "a path")
		}
		c.path(at, v)
	}
}

func (c *checker) streamsExist(key string, names []string) {
	for i, name := range names {
		if _, ok := c.m.Stream(name); !ok {
			c.add(yamlx.Index(key, i), "there is no stream %q%s", name, yamlx.Hint(name, c.m.StreamNames()))
		}
	}
}

// template checks a template: its form, and that each placeholder is known and may stand here.
// Roots are those allowed: settings, auth, parent, start, end, date, org.
func (c *checker) template(key, text string, roots ...string) []Placeholder {
	t, err := ParseTemplate(text)
	if err != nil {
		c.add(key, "%v", err)
		return nil
	}
	for _, p := range t.Placeholders() {
		if why := c.placeholder(p, roots); why != "" {
			c.add(key, "{%s}: %s", p.Name, why)
		}
	}
	return t.Placeholders()
}

var (
	allRoots = []string{"settings", "auth", "parent", "start", "end", "date", "org"}
	// bareRoots are placeholders without anything after a dot.
	bareRoots = []string{"start", "end", "date"}
	orgKeys   = []string{"name", "timezone"}
)

func (c *checker) placeholder(p Placeholder, roots []string) string {
	root, rest := p.Root(), p.Rest()
	switch {
	case !slices.Contains(allRoots, root):
		return "unknown placeholder" + yamlx.Hint(root, allRoots)
	case !slices.Contains(roots, root):
		return notHere(root)
	case slices.Contains(bareRoots, root) && rest != "":
		return fmt.Sprintf("expected {%s} alone", root)
	case !slices.Contains(bareRoots, root) && rest == "":
		return fmt.Sprintf("expected a name after it: {%s.…}", root)
	case root == "settings" && !c.m.knowsSetting(rest):
		return "the manifest has no such setting" + yamlx.Hint(rest, c.m.settingNames())
	case root == "auth" && !settingName.MatchString(rest):
		return "an auth key is lower-case letters, digits and _"
	case root == "org" && !slices.Contains(orgKeys, rest):
		return "unknown" + yamlx.Hint(rest, orgKeys)
	case root == "parent":
		if _, err := jsonraw.ParsePath(rest); err != nil {
			return err.Error()
		}
	}
	return ""
}

func notHere(root string) string {
	switch root {
	case "auth":
		return "secrets are only for the ways to sign in (auth), not for other requests"
	case "parent":
		return "only a stream with for_each has a parent, and only in its requests"
	case "start", "end", "date":
		return "only a stream with a window has one, and only in its requests"
	}
	return "can't be used here"
}
