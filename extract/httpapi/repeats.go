package httpapi

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/rightseat/rightseat/internal/secret"
)

// minRepeated is the length below which a secret is not searched for in what the vendor sends: a short one may be any word.
const minRepeated = 8

// repeated are the connection's own secrets in the ways in which a vendor that repeats what it was sent may write them.
type repeated struct {
	mu    sync.RWMutex
	forms [][]byte
}

func (r *repeated) add(text string) {
	if len(text) < minRepeated {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, form := range secret.Forms(text) {
		if !slices.ContainsFunc(r.forms, func(f []byte) bool { return string(f) == form }) {
			r.forms = append(r.forms, []byte(form))
		}
	}
}

// addAll adds what a connection signs in with; names of accounts and clients are no secrets, and records are full of them.
func (r *repeated) addAll(name, value string) {
	if !strings.HasSuffix(name, "_id") && !strings.HasPrefix(name, "user") {
		r.add(value)
	}
}

// Repeats tells whether a text from the vendor holds a secret of the connection.
func (c *Client) Repeats(text []byte) bool {
	c.repeated.mu.RLock()
	defer c.repeated.mu.RUnlock()
	for _, form := range c.repeated.forms {
		if bytes.Contains(text, form) {
			return true
		}
	}
	return false
}

// Mask gives such a text without them.
func (c *Client) Mask(text []byte) []byte {
	c.repeated.mu.RLock()
	defer c.repeated.mu.RUnlock()
	for _, form := range c.repeated.forms {
		text = bytes.ReplaceAll(text, form, []byte(secret.Mask))
	}
	return text
}
