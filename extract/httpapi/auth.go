package httpapi

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/jsonraw"
)

// authorizer puts credentials on requests to the API's own origin.
type authorizer interface {
	// authorize sets headers and gives what identifies the credential, for renew.
	authorize(ctx context.Context, h http.Header) (used string, err error)
	// renew forgets a credential that was refused, so that the next authorize gets another one.
	// It is false when there is no other to get.
	renew(used string) bool
}

// newAuthorizer picks the first way to sign in whose keys the connection gives.
func (c *Client) newAuthorizer() (authorizer, error) {
	a, ok := c.manifest.ChooseAuth(func(key string) bool { return !c.auth[key].IsZero() })
	if !ok {
		return nil, fmt.Errorf("auth is incomplete for connector %s", c.manifest.Name)
	}
	return c.authorizerFor(a)
}

func (c *Client) authorizerFor(a manifest.Auth) (authorizer, error) {
	switch a.Type {
	case manifest.AuthNone:
		return anonymous{}, nil
	case manifest.AuthToken:
		value := c.auth["token"].Reveal()
		if scheme := orNil(a.Scheme, "Bearer"); scheme != "" {
			value = scheme + " " + value
		}
		return static{header: cmp.Or(a.Header, "Authorization"), value: value}, nil
	case manifest.AuthBasic:
		user, err := c.expand(cmp.Or(a.Username, "{auth.username}"))
		if err != nil {
			return nil, err
		}
		password, err := c.expand(cmp.Or(a.Password, "{auth.password}"))
		if err != nil {
			return nil, err
		}
		return static{header: "Authorization", value: c.basic(user, password)}, nil
	}
	tokenURL, err := c.tokenURL(a)
	if err != nil {
		return nil, err
	}
	s := &tokenSource{client: c, url: tokenURL, lock: make(chan struct{}, 1)}
	if s.grant, err = c.grant(a, tokenURL); err != nil {
		return nil, err
	}
	return s, nil
}

// basic makes a basic credential and keeps it out of messages.
func (c *Client) basic(user, password string) string {
	encoded := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	c.secrets.Add(encoded)
	c.repeated.add(encoded)
	return "Basic " + encoded
}

// tokenURL is where tokens are asked for: the connection's settings.token_url, else the
// manifest's; but when base_url points elsewhere than by default, the manifest's path on
// base_url's own origin.
func (c *Client) tokenURL(a manifest.Auth) (*url.URL, error) {
	text, err := c.expand(a.TokenURL)
	if err != nil {
		return nil, err
	}
	if c.givenTokenURL != "" {
		text = c.givenTokenURL
	}
	u, err := c.base.Parse(text)
	if err != nil || text == "" {
		return nil, fmt.Errorf("token_url %q is not a URL", text)
	}
	if c.givenTokenURL == "" && c.baseMoved && origin(u) != origin(c.base) {
		u.Scheme, u.Host, u.User = c.base.Scheme, c.base.Host, nil
	}
	if err := secure(u); err != nil {
		return nil, fmt.Errorf("token_url: %w", err)
	}
	return u, nil
}

type anonymous struct{}

func (anonymous) authorize(context.Context, http.Header) (string, error) { return "", nil }
func (anonymous) renew(string) bool                                      { return false }

type static struct{ header, value string }

func (s static) authorize(_ context.Context, h http.Header) (string, error) {
	h.Set(s.header, s.value)
	return "", nil
}
func (static) renew(string) bool { return false }

// grant makes the form of a token request and, where credentials go there, its Authorization header.
type grant func(now time.Time) (form url.Values, authorization string, err error)

func (c *Client) grant(a manifest.Auth, tokenURL *url.URL) (grant, error) {
	extra := url.Values{}
	for _, key := range slices.Sorted(maps.Keys(a.Params)) {
		v, err := c.expand(a.Params[key])
		if err != nil {
			return nil, err
		}
		extra.Set(key, v)
	}
	scope, err := c.expand(a.Scope)
	if err != nil {
		return nil, err
	}
	switch a.Type {
	case manifest.AuthClientCredentials, manifest.AuthAccountCredentials:
		return c.clientCredentials(a, scope, extra), nil
	case manifest.AuthPrivateKeyJWT:
		return c.privateKeyJWT(a, tokenURL, scope, extra)
	case manifest.AuthGoogle:
		return c.googleServiceAccount(a, tokenURL, scope)
	}
	return nil, fmt.Errorf("auth type %q is not known", a.Type)
}

func (c *Client) clientCredentials(a manifest.Auth, scope string, extra url.Values) grant {
	id, key := c.auth["client_id"].Reveal(), c.auth["client_secret"].Reveal()
	form := url.Values{"grant_type": {"client_credentials"}}
	if a.Type == manifest.AuthAccountCredentials {
		form = url.Values{"grant_type": {"account_credentials"}, "account_id": {c.auth["account_id"].Reveal()}}
	}
	if scope != "" {
		form.Set("scope", scope)
	}
	maps.Copy(form, extra)
	if a.ClientAuth == "body" {
		form.Set("client_id", id)
		form.Set("client_secret", key)
		return func(time.Time) (url.Values, string, error) { return form, "", nil }
	}
	// RFC 6749 2.3.1: both are form-encoded before they are joined.
	authorization := c.basic(url.QueryEscape(id), url.QueryEscape(key))
	return func(time.Time) (url.Values, string, error) { return form, authorization, nil }
}

// tokenSource keeps one access token and gets another before it runs out.
type tokenSource struct {
	client *Client
	url    *url.URL
	grant  grant

	lock    chan struct{} // held while token and renewAt are read or a token is fetched
	token   string
	renewAt time.Time
}

func (s *tokenSource) authorize(ctx context.Context, h http.Header) (string, error) {
	select {
	case s.lock <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-s.lock }()
	if s.token == "" || !s.client.clock.Now().Before(s.renewAt) {
		if err := s.fetch(ctx); err != nil {
			return "", &signInError{err}
		}
	}
	h.Set("Authorization", "Bearer "+s.token)
	return s.token, nil
}

func (s *tokenSource) renew(used string) bool {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	if s.token == used {
		s.token = ""
	}
	return true
}

// signInError is a failed token request; it has been tried often enough.
type signInError struct{ err error }

func (e *signInError) Error() string { return "sign in: " + e.err.Error() }
func (e *signInError) Unwrap() error { return e.err }

const (
	maxTokenReply    = 1 << 20
	defaultTokenLife = 30 * time.Minute
)

func (s *tokenSource) fetch(ctx context.Context) error {
	body, err := retry(ctx, s.client, nil, func() ([]byte, error) { return s.ask(ctx) })
	if err != nil {
		return err
	}
	var reply struct {
		AccessToken string          `json:"access_token"`
		ExpiresIn   json.RawMessage `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &reply); err != nil || reply.AccessToken == "" {
		return fmt.Errorf("%s answered without an access_token", s.client.pathOf(s.url))
	}
	s.client.secrets.Add(reply.AccessToken)
	s.client.repeated.add(reply.AccessToken)
	life := defaultTokenLife
	if text, ok := jsonraw.Text(reply.ExpiresIn); ok {
		if n, err := strconv.ParseFloat(text, 64); err == nil && n > 0 {
			life = seconds(int64(min(n, 1e9)))
		}
	}
	s.token = reply.AccessToken
	s.renewAt = s.client.clock.Now().Add(life - min(5*time.Minute, life/5))
	return nil
}

// setting is what says where the token endpoint is.
func (s *tokenSource) setting() string {
	if s.client.givenTokenURL == "" && origin(s.url) == origin(s.client.base) {
		return "base_url"
	}
	return "token_url"
}

// ask makes one token request. It goes to the token URL and nowhere else: a redirect is an error.
func (s *tokenSource) ask(ctx context.Context) ([]byte, error) {
	form, authorization, err := s.grant(s.client.clock.Now())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("make the token request: %w", bare(err))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	path := s.client.pathOf(s.url)
	resp, err := s.client.transport.RoundTrip(req)
	if err != nil {
		return nil, &netError{method: req.Method, path: path, setting: s.setting(), err: s.client.redactErr(bare(err))}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenReply))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, &netError{method: req.Method, path: path, setting: s.setting(), err: s.client.redactErr(err)}
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		return nil, s.client.refusal(&Request{Method: req.Method, URL: s.url}, resp.StatusCode, resp.Header, body)
	}
	return body, nil
}

func orNil(s *string, otherwise string) string {
	if s == nil {
		return otherwise
	}
	return *s
}
