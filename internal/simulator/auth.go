package simulator

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Secret is a credential of a vendor: key is api_token, client_id, client_secret or account_id.
// It is long and starts with SIMSECRET, so that a test can look for it everywhere.
func (o *Org) Secret(vendor, key string) string {
	var id uint64
	for _, c := range vendor + "/" + key {
		id = splitmix(id ^ uint64(c))
	}
	a, b := o.bytes16(id, 90), o.bytes16(id, 91)
	return "SIMSECRET-" + strings.ToUpper(strings.ReplaceAll(vendor+"-"+key, "_", "-")) + "-" + hex.EncodeToString(a[:]) + hex.EncodeToString(b[:8])
}

// tokens are the access tokens that a vendor's token endpoint has given out.
type tokens struct {
	org    *Org
	vendor string
	mu     sync.Mutex
	n      uint64
	until  map[string]time.Time
}

func newTokens(s *Servers, vendor string) *tokens {
	return &tokens{org: s.org, vendor: vendor, until: map[string]time.Time{}}
}

func (t *tokens) issue(now time.Time, life time.Duration) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n++
	token := t.org.Secret(t.vendor, fmt.Sprintf("access_token_%d", t.n))
	t.until[token] = now.Add(life)
	return token
}

// bearer is the token of an Authorization header.
func bearer(r *http.Request) string {
	word, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(word, "Bearer") {
		return ""
	}
	return token
}

// good reports whether the request bears a token that is still alive.
func (t *tokens) good(r *http.Request, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	until, ok := t.until[bearer(r)]
	return ok && now.Before(until)
}

// client reports whether the token request carries the vendor's client id and secret, in the
// Authorization header or in the form.
func (b base) client(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	return id == b.Secret(b.vendor, "client_id") && secret == b.Secret(b.vendor, "client_secret")
}
