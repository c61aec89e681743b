package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/secret"
)

// api is a server that records what it was asked.
type api struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	forms    []url.Values
	answer   func(w http.ResponseWriter, r *http.Request)
	tokens   int
	life     string
}

func newAPI(t *testing.T) *api {
	t.Helper()
	a := &api{life: "3600"}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		a.requests, a.forms = append(a.requests, r), append(a.forms, form)
		if strings.HasSuffix(r.URL.Path, "/token") {
			a.tokens++
			fmt.Fprintf(w, `{"access_token":"access-%d","expires_in":%s}`, a.tokens, a.life)
			return
		}
		if a.answer != nil {
			a.answer(w, r)
			return
		}
		fmt.Fprint(w, "[]")
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *api) client(t *testing.T, c clock.Clock, auth manifest.Auth, keys map[string]string) (*Client, *secret.Redactor) {
	t.Helper()
	secrets := &secret.Redactor{}
	values := map[string]secret.Value{}
	for k, v := range keys {
		values[k] = secret.New(v)
	}
	client, err := New(Config{
		Manifest: &manifest.Manifest{Name: "x", Auth: []manifest.Auth{auth}, Headers: map[string]string{"X-Own": "1"}},
		BaseURL:  a.URL, BaseMoved: true, Auth: values, Secrets: secrets, Clock: c,
		Vars: func(name string) (string, bool) {
			key, ok := strings.CutPrefix(name, "auth.")
			return keys[key], ok
		},
	})
	require.NoError(t, err)
	return client, secrets
}

func fetch(ctx context.Context, t *testing.T, c *Client) error {
	t.Helper()
	shape, err := NewShape(manifest.Response{}, manifest.Paging{})
	require.NoError(t, err)
	u, err := c.base.Parse("/list?secret=query")
	require.NoError(t, err)
	_, err = c.Fetch(ctx, Request{Stream: "s", Method: "GET", URL: u}, shape)
	return err
}

func rsaKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func TestStaticCredentials(t *testing.T) {
	t.Parallel()
	ssws, bare := "SSWS", ""
	for name, tc := range map[string]struct {
		auth   manifest.Auth
		keys   map[string]string
		header string
		want   string
	}{
		"bearer":       {manifest.Auth{Type: "token"}, map[string]string{"token": "tok-1234"}, "Authorization", "Bearer tok-1234"},
		"other scheme": {manifest.Auth{Type: "token", Scheme: &ssws}, map[string]string{"token": "tok-1234"}, "Authorization", "SSWS tok-1234"},
		"other header": {manifest.Auth{Type: "token", Header: "X-Api-Token", Scheme: &bare}, map[string]string{"token": "tok-1234"}, "X-Api-Token", "tok-1234"},
		"basic":        {manifest.Auth{Type: "basic"}, map[string]string{"username": "u", "password": "pass"}, "Authorization", "Basic dTpwYXNz"},
		"basic, key":   {manifest.Auth{Type: "basic", Username: "{auth.token}", Password: "x"}, map[string]string{"token": "key1"}, "Authorization", "Basic a2V5MTp4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			c, secrets := a.client(t, clock.NewSimulated(now), tc.auth, tc.keys)
			require.NoError(t, fetch(t.Context(), t, c))
			assert.Equal(t, tc.want, a.requests[0].Header.Get(tc.header))
			assert.Equal(t, "1", a.requests[0].Header.Get("X-Own"))
			_, credential, _ := strings.Cut(tc.want, " ")
			if credential != "" {
				assert.NotContains(t, secrets.Redact("said "+credential), credential)
			}
		})
	}
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	keys := map[string]string{"client_id": "the id", "client_secret": "the secret", "account_id": "acc"}
	for name, tc := range map[string]struct {
		auth manifest.Auth
		form string
		user string
	}{
		"basic":   {manifest.Auth{Type: "oauth2_client_credentials", Scope: "a b"}, "grant_type=client_credentials&scope=a+b", "the+id"},
		"body":    {manifest.Auth{Type: "oauth2_client_credentials", ClientAuth: "body", Params: map[string]string{"resource": "r"}}, "client_id=the+id&client_secret=the+secret&grant_type=client_credentials&resource=r", ""},
		"account": {manifest.Auth{Type: "account_credentials"}, "account_id=acc&grant_type=account_credentials", "the+id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			// The vendor's own host is never asked: base_url has been moved to a test server.
			tc.auth.TokenURL = "https://login.vendor.example/oauth/token"
			clk := clock.NewSimulated(now)
			c, secrets := a.client(t, clk, tc.auth, keys)
			require.NoError(t, fetch(t.Context(), t, c))
			require.NoError(t, fetch(t.Context(), t, c))
			require.Len(t, a.requests, 3, "one token for both")
			assert.Equal(t, "/oauth/token", a.requests[0].URL.Path)
			assert.Equal(t, tc.form, a.forms[0].Encode())
			user, _, _ := a.requests[0].BasicAuth()
			assert.Equal(t, tc.user, user)
			assert.Equal(t, "Bearer access-1", a.requests[1].Header.Get("Authorization"))
			assert.Equal(t, "[redacted]", secrets.Redact("access-1"))

			clk.Set(now.Add(56 * time.Minute)) // renewed before it runs out
			require.NoError(t, fetch(t.Context(), t, c))
			assert.Equal(t, 2, a.tokens)
		})
	}
}

func TestTokenIsRenewedOnceAfter401(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.answer = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access-2" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, "[]")
	}
	auth := manifest.Auth{Type: "oauth2_client_credentials", TokenURL: "/token"}
	c, _ := a.client(t, clock.NewSimulated(now), auth, map[string]string{"client_id": "id", "client_secret": "secret"})
	require.NoError(t, fetch(t.Context(), t, c))
	assert.Equal(t, 2, a.tokens)

	a.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	assert.Equal(t, http.StatusUnauthorized, StatusOf(fetch(t.Context(), t, c)))
	assert.Equal(t, 3, a.tokens)
}

func TestPrivateKeyJWT(t *testing.T) {
	t.Parallel()
	rsaPrivate, rsaPEM := rsaKey(t)
	ecPrivate, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalECPrivateKey(ecPrivate)
	require.NoError(t, err)
	ecPEM := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
	for algorithm, tc := range map[string]struct {
		pem    string
		public any
	}{"RS256": {strings.ReplaceAll(rsaPEM, "\n", `\n`), &rsaPrivate.PublicKey}, "PS256": {rsaPEM, &rsaPrivate.PublicKey}, "ES256": {ecPEM, &ecPrivate.PublicKey}} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			auth := manifest.Auth{Type: "oauth2_private_key_jwt", TokenURL: "/oauth2/v1/token", Algorithm: algorithm, Scope: "okta.users.read"}
			c, _ := a.client(t, clock.NewSimulated(now), auth, map[string]string{"client_id": "me", "private_key": tc.pem, "key_id": "kid1"})
			require.NoError(t, fetch(t.Context(), t, c))
			token, err := jwt.Parse(a.forms[0].Get("client_assertion"), func(*jwt.Token) (any, error) { return tc.public, nil },
				jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithAudience(a.URL+"/oauth2/v1/token"), jwt.WithIssuer("me"), jwt.WithSubject("me"), jwt.WithValidMethods([]string{algorithm}))
			require.NoError(t, err)
			assert.Equal(t, "kid1", token.Header["kid"])
			assert.Equal(t, "okta.users.read", a.forms[0].Get("scope"))
		})
	}
	_, err = New(Config{Manifest: &manifest.Manifest{Auth: []manifest.Auth{{Type: "oauth2_private_key_jwt", TokenURL: "https://a.example/t"}}}, BaseURL: "https://a.example",
		Auth: map[string]secret.Value{"client_id": secret.New("me"), "private_key": secret.New("not a key at all")}})
	require.ErrorContains(t, err, "not an RSA private key")
	assert.NotContains(t, err.Error(), "not a key at all")
}

func TestGoogleServiceAccount(t *testing.T) {
	t.Parallel()
	private, text := rsaKey(t)
	file, err := json.Marshal(map[string]string{"client_email": "robot@x.example", "private_key": text, "private_key_id": "k"})
	require.NoError(t, err)
	a := newAPI(t)
	auth := manifest.Auth{Type: "google_service_account", TokenURL: "https://oauth2.googleapis.com/token", Scope: "s1 s2", Subject: "{auth.subject}"}
	c, _ := a.client(t, clock.NewSimulated(now), auth, map[string]string{"service_account": string(file), "subject": "admin@x.example"})
	require.NoError(t, fetch(t.Context(), t, c))
	token, err := jwt.Parse(a.forms[0].Get("assertion"), func(*jwt.Token) (any, error) { return &private.PublicKey, nil }, jwt.WithTimeFunc(func() time.Time { return now }))
	require.NoError(t, err)
	claims, ok := token.Claims.(jwt.MapClaims)
	require.True(t, ok)
	assert.Equal(t, "robot@x.example", claims["iss"])
	assert.Equal(t, "admin@x.example", claims["sub"])
	assert.Equal(t, "s1 s2", claims["scope"])
	assert.Equal(t, "k", token.Header["kid"])
}

func TestSignInRefused(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_client","error_description":"wrong secret-value"}`)
	}
	auth := manifest.Auth{Type: "oauth2_client_credentials", TokenURL: "/oauth/refused"}
	c, _ := a.client(t, clock.NewSimulated(now), auth, map[string]string{"client_id": "id", "client_secret": "secret-value"})
	err := fetch(t.Context(), t, c)
	require.ErrorContains(t, err, "sign in: POST /oauth/refused: 400 Bad Request: wrong [redacted]")
	assert.Len(t, a.requests, 1)
}

func TestGzipByItsFirstBytes(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, "{\"id\":1}\n\nnot json\n{\"id\":2}")
		_ = z.Close()
	}
	c, _ := a.client(t, clock.NewSimulated(now), manifest.Auth{Type: "none"}, nil)
	shape, err := NewShape(manifest.Response{Format: "ndjson"}, manifest.Paging{})
	require.NoError(t, err)
	page, err := c.Fetch(t.Context(), Request{Method: "GET", URL: c.Base()}, shape)
	require.NoError(t, err)
	var got []string
	require.NoError(t, page.Chunks(func(records []Record) error {
		for _, r := range records {
			got = append(got, string(r.Raw)+r.Check)
		}
		return nil
	}))
	require.NoError(t, page.Close())
	assert.Equal(t, []string{`{"id":1}`, `"not json"bad_json`, `{"id":2}`}, got)
	assert.Equal(t, 3, page.Count)
}

func TestPageTooLarge(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.answer = func(w http.ResponseWriter, _ *http.Request) {
		z := gzip.NewWriter(w) // a small reply that unpacks to a large one
		_, _ = z.Write(make([]byte, 4<<20))
		_ = z.Close()
	}
	c, _ := a.client(t, clock.NewSimulated(now), manifest.Auth{Type: "none"}, nil)
	c.maxBody = 1 << 20
	require.ErrorIs(t, fetch(t.Context(), t, c), errTooLarge)
	assert.Len(t, a.requests, 1, "it would not get smaller by asking again")
}

// TestLargePagesTakeTurns: a large page waits until the one before is done with, a small one does not.
func TestLargePagesTakeTurns(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.answer = func(w http.ResponseWriter, r *http.Request) {
		pad := 10
		if r.URL.Query().Has("large") {
			pad = smallPage
		}
		_, _ = fmt.Fprintf(w, `[{"pad":"%s"}]`, strings.Repeat("x", pad))
	}
	c, _ := a.client(t, clock.NewSimulated(now), manifest.Auth{Type: "none"}, nil)
	c.memory = NewMemory(1)
	shape, err := NewShape(manifest.Response{}, manifest.Paging{})
	require.NoError(t, err)
	get := func(ctx context.Context, query string) (*Page, error) {
		u := c.Base()
		u.RawQuery = query
		return c.Fetch(ctx, Request{Method: http.MethodGet, URL: u}, shape)
	}
	first, err := get(t.Context(), "large")
	require.NoError(t, err)
	assert.Greater(t, len(first.Body), smallPage)
	small, err := get(t.Context(), "")
	require.NoError(t, err)
	require.NoError(t, small.Close())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = get(ctx, "large")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, first.Close())
	second, err := get(t.Context(), "large")
	require.NoError(t, err)
	require.NoError(t, second.Close())
	require.NoError(t, second.Close(), "once more does nothing")
	assert.Empty(t, c.memory.large)
}

func TestExplodedTooLarge(t *testing.T) {
	t.Parallel()
	shape, err := NewShape(manifest.Response{Explode: "events"}, manifest.Paging{})
	require.NoError(t, err)
	body := `[{"pad":"` + strings.Repeat("x", 1<<20) + `","events":[` + strings.Repeat("1,", 300) + `1]}]`
	require.ErrorIs(t, shape.decode(&Page{Body: []byte(body)}), errTooLarge)
}

func TestStreamedPageTooLarge(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.answer = func(w http.ResponseWriter, _ *http.Request) {
		z := gzip.NewWriter(w)
		_, _ = z.Write(bytes.Repeat([]byte("{}\n"), 1<<20))
		_ = z.Close()
	}
	c, _ := a.client(t, clock.NewSimulated(now), manifest.Auth{Type: "none"}, nil)
	c.maxSpool, c.tempDir = 1<<20, t.TempDir()
	shape, err := NewShape(manifest.Response{Format: "ndjson"}, manifest.Paging{})
	require.NoError(t, err)
	_, err = c.Fetch(t.Context(), Request{Method: http.MethodGet, URL: c.Base()}, shape)
	require.ErrorIs(t, err, errTooLarge)
	assert.Len(t, a.requests, 1)
	left, err := os.ReadDir(c.tempDir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestBodyThatStalls(t *testing.T) {
	t.Parallel()
	pr, pw := io.Pipe()
	defer func() { _ = pw.Close() }()
	ctx, cancel := context.WithCancelCause(t.Context())
	r := newIdleReader(pr, 20*time.Millisecond, time.Minute, func(err error) { cancel(err); _ = pr.CloseWithError(err) })
	_, err := r.Read(make([]byte, 1))
	require.ErrorIs(t, err, errIdle)
	require.ErrorIs(t, context.Cause(ctx), errIdle)
	require.NoError(t, r.Close())
}

func TestSecure(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{"https://a.example": true, "http://127.0.0.1:8080": true, "http://localhost": true, "http://vendor:80": true,
		"http://10.0.0.8": true, "http://a.example": false, "http://8.8.8.8": false, "ftp://a.example": false} {
		u, err := url.Parse(text)
		require.NoError(t, err)
		assert.Equal(t, ok, secure(u) == nil, text)
	}
}
