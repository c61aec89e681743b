// Package erasure finds a person's identifiers in texts and in JSON, however these write them.
package erasure

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rightseat/rightseat/internal/jsonraw"
)

// Matcher finds the identifiers of one person. Addresses and ids that can be nothing else are found anywhere; an id
// that may as well be a count, such as 42, only in the connection that gave it, and there where an id stands.
type Matcher struct {
	anywhere []string            // in lower case
	short    map[string][]string // by connection, in lower case
}

// New takes identifiers as core.person_identifiers has them: addresses and connection:id.
func New(identifiers []string) *Matcher {
	m := &Matcher{short: map[string][]string{}}
	for _, id := range identifiers {
		id = strings.ToLower(strings.TrimSpace(id))
		if id == "" {
			continue
		}
		m.anywhere = append(m.anywhere, id)
		connection, own, ok := strings.Cut(id, ":")
		switch {
		case !ok || own == "" || strings.Contains(connection, "@"):
		case distinctive(own):
			m.anywhere = append(m.anywhere, own)
		default:
			m.short[connection] = append(m.short[connection], own)
		}
	}
	slices.Sort(m.anywhere)
	m.anywhere = slices.Compact(m.anywhere)
	return m
}

// distinctive tells ids that nothing else looks like: addresses, and those long and mixed enough.
func distinctive(id string) bool {
	if strings.Contains(id, "@") {
		return true
	}
	letters := strings.IndexFunc(id, unicode.IsLetter) >= 0
	digits := strings.IndexFunc(id, unicode.IsDigit) >= 0
	return len(id) >= 8 && letters && digits || len(id) >= 12
}

// Text tells whether a text names the person.
func (m *Matcher) Text(text string) bool {
	for _, form := range forms(text) {
		for _, id := range m.anywhere {
			if contains(form, id) {
				return true
			}
		}
	}
	return false
}

// forms are a text in lower case, as it is and with its escapes (of JSON, of addresses of pages) taken off, layer by
// layer.
func forms(text string) []string {
	text = strings.ToLower(text)
	out := []string{text}
	for range 4 {
		plain := unescape(text)
		if strings.Contains(plain, "%") {
			plain = strings.ToLower(percent(plain))
		}
		if plain == text {
			break
		}
		text = plain
		out = append(out, text)
	}
	return out
}

var escape = regexp.MustCompile(`\\(u[0-9a-f]{4}|["\\/bfnrt])`)

// unescape takes JSON's escapes off, where they are, and leaves everything else.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	return strings.ToLower(escape.ReplaceAllStringFunc(text, func(e string) string {
		var s string
		if err := json.Unmarshal([]byte(`"`+e+`"`), &s); err != nil {
			return e
		}
		return s
	}))
}

var percentByte = regexp.MustCompile(`%[0-9a-fA-F]{2}`)

func percent(text string) string {
	return percentByte.ReplaceAllStringFunc(text, func(e string) string {
		s, err := url.PathUnescape(e)
		if err != nil || s[0] >= utf8.RuneSelf {
			return e
		}
		return s
	})
}

// contains tells whether an identifier stands in a text as a whole: ann@acme.example is neither in
// joann@acme.example nor in ann@acme.example.org.
func contains(text, id string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], id)
		if at < 0 {
			return false
		}
		at += from
		if startsHere(text[:at]) && endsHere(text[at+len(id):]) {
			return true
		}
		from = at + 1
	}
}

func startsHere(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || !isWord(r) && !strings.ContainsRune(".+-", r)
}

func endsHere(after string) bool {
	r, size := utf8.DecodeRuneInString(after)
	if after == "" || !isWord(r) && !strings.ContainsRune(".-@", r) {
		return true
	}
	if isWord(r) || r == '@' {
		return false
	}
	next, _ := utf8.DecodeRuneInString(after[size:]) // a full stop at the end of a sentence
	return after[size:] == "" || !isWord(next)
}

func isWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}

var (
	// idKey are names of members that hold an id of somebody.
	idKey = regexp.MustCompile(`(?i)^id$|(user|employee|person|people|member|account|owner|worker|actor|host|participant|assignee|profile).{0,2}(id|key|number|no)$`)
	// managerKey are names of members that hold who somebody reports to.
	managerKey = regexp.MustCompile(`(?i)manager|supervisor|reports?.?to`)
)

// ID tells whether a record's own id, or its parent's, is the person's.
func (m *Matcher) ID(connection, id string) bool {
	return m.Text(id) || slices.Contains(m.short[strings.ToLower(connection)], strings.ToLower(strings.TrimSpace(id)))
}

// Payload tells whether a record names the person. One that does so only as somebody's manager is somebody else's:
// what names the person is taken out of it, and the rest is given back.
func (m *Matcher) Payload(connection string, payload []byte) (gone bool, rest []byte) {
	short := m.short[strings.ToLower(connection)]
	if len(short) == 0 && !m.Text(string(payload)) {
		return false, payload
	}
	w := walker{m: m, short: short}
	rest, gone = w.value("", payload)
	// Found in the whole, if in no part; or still there.
	if gone || m.Text(string(rest)) {
		return true, payload
	}
	return false, rest
}

type walker struct {
	m     *Matcher
	short []string
}

// value tells whether a value names the person, but for managers in it, which it leaves out of what it gives.
func (w *walker) value(key string, raw []byte) (rest []byte, found bool) {
	switch jsonraw.Kind(raw) {
	case '{':
		return w.object(raw)
	case '[':
		var list [][]byte
		changed := false
		err := jsonraw.Elements(raw, func(element []byte) error {
			rest, hit := w.value(key, element)
			found = found || hit
			changed = changed || !bytes.Equal(rest, element)
			list = append(list, rest)
			return nil
		})
		if err != nil || !changed {
			return raw, found
		}
		return slices.Concat([]byte("["), bytes.Join(list, []byte(",")), []byte("]")), found
	}
	return raw, w.names(key, raw)
}

func (w *walker) object(raw []byte) (rest []byte, found bool) {
	type member struct {
		key, value []byte
		manager    bool
	}
	var members []member
	named, changed := false, false
	err := jsonraw.Members(raw, func(k, value []byte) error {
		name, _ := jsonraw.Text(k)
		x := member{key: k, value: value, manager: managerKey.MatchString(name)}
		if x.manager {
			named = named || w.names(name, value)
		} else {
			var hit bool
			x.value, hit = w.value(name, value)
			found = found || hit || w.m.Text(name)
			changed = changed || !bytes.Equal(x.value, value)
		}
		members = append(members, x)
		return nil
	})
	if err != nil || !named && !changed {
		return raw, found
	}
	out := []byte("{")
	for i, x := range members {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, x.key...), ':')
		if x.manager && named {
			x.value = []byte("null")
		}
		out = append(out, x.value...)
	}
	return append(out, '}'), found
}

// names tells whether a value, with all that is in it, names the person.
func (w *walker) names(key string, raw []byte) bool {
	if w.m.Text(string(raw)) {
		return true
	}
	if len(w.short) == 0 {
		return false
	}
	switch jsonraw.Kind(raw) {
	case '{', '[':
		rest, found := w.value(key, raw)
		return found || !bytes.Equal(rest, raw)
	}
	text, ok := jsonraw.Text(raw)
	return ok && (idKey.MatchString(key) || managerKey.MatchString(key)) && slices.Contains(w.short, strings.ToLower(text))
}
