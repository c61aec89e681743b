// Package secret keeps credentials out of everything that is written: a [Value] prints as
// stars wherever it ends up, and a [Redactor] takes known values out of foreign text.
package secret

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// Mask stands for a secret in text.
const Mask = "[redacted]"

// Value is a secret string. Every way of formatting it gives a mask; [Value.Reveal] gives the
// text, to be called only where the secret goes onto the wire.
type Value struct {
	// text is a pointer because fmt prints an unexported field of someone's struct without asking its
	// methods; of a pointer down there it shows the address.
	text *string
}

// New wraps a secret. An empty one is the zero Value.
func New(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{text: &text}
}

// Reveal gives the secret itself.
func (v Value) Reveal() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

// IsZero tells whether there is no secret.
func (v Value) IsZero() bool { return v.text == nil }

// String, GoString, MarshalText, MarshalJSON and LogValue all give the mask.
func (v Value) String() string               { return Mask }
func (v Value) GoString() string             { return Mask }
func (v Value) MarshalText() ([]byte, error) { return []byte(Mask), nil }
func (v Value) MarshalJSON() ([]byte, error) { return []byte(`"` + Mask + `"`), nil }
func (v Value) LogValue() slog.Value         { return slog.StringValue(Mask) }

// minRedact is the length below which a secret is not searched for: taking every "a" out of
// a message would hide the message and reveal the secret.
const minRedact = 4

// Redactor removes known secrets, also in their URL-escaped, quoted and base64 forms, from text.
// It is safe for concurrent use. The zero value knows no secrets.
type Redactor struct {
	mu    sync.RWMutex
	known map[string]bool
	r     *strings.Replacer
}

// Add makes values known. Tokens obtained at run time are added as they arrive.
func (r *Redactor) Add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = map[string]bool{}
	}
	for _, v := range values {
		if len(v) < minRedact {
			continue
		}
		for _, form := range append(Forms(v), inner(v)...) {
			r.known[form] = true
		}
	}
	known := make([]string, 0, len(r.known))
	for f := range r.known {
		known = append(known, f)
	}
	// Longer first, so that a secret which contains another goes whole.
	sort.Slice(known, func(i, j int) bool {
		return len(known[i]) > len(known[j]) || len(known[i]) == len(known[j]) && known[i] < known[j]
	})
	pairs := make([]string, 0, 2*len(known))
	for _, f := range known {
		pairs = append(pairs, f, Mask)
	}
	r.r = strings.NewReplacer(pairs...)
}

// Forms are the ways in which a secret may stand in a text: as it is, in a URL, in base64, and
// quoted in JSON or by Go's %q (a private key has line breaks).
func Forms(v string) []string {
	quoted := strconv.Quote(v)
	out := []string{
		v, url.QueryEscape(v), url.PathEscape(v), quoted[1 : len(quoted)-1],
		base64.StdEncoding.EncodeToString([]byte(v)), base64.URLEncoding.EncodeToString([]byte(v)),
	}
	if data, err := json.Marshal(v); err == nil { // a string always encodes
		out = append(out, string(data[1:len(data)-1]))
	}
	return out
}

// minInner is the length from which a secret is searched for inside longer base64: what is left
// of a shorter one there may be any text.
const minInner = 8

// inner are the parts of a base64 text that are the secret's alone when it is encoded together
// with what stands before and behind it, as in "Bearer TOKEN".
func inner(v string) []string {
	if len(v) < minInner {
		return nil
	}
	var out []string
	for before := range 3 { // bytes before it, modulo three
		text := append(make([]byte, before), v...)
		from, to := (8*before+5)/6, 8*len(text)/6
		out = append(out, base64.StdEncoding.EncodeToString(text)[from:to], base64.URLEncoding.EncodeToString(text)[from:to])
	}
	return out
}

// Redact gives text without any known secret.
func (r *Redactor) Redact(text string) string {
	if r == nil {
		return text
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.r == nil {
		return text
	}
	return r.r.Replace(text)
}

// Error gives err itself when its text holds no known secret, else an error of the redacted text
// alone: whoever unwraps that must not get at the secret.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if redacted := r.Redact(text); redacted != text {
		return errors.New(redacted)
	}
	return err
}
