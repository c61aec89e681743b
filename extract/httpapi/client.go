// Package httpapi asks one vendor account over HTTP: signing in, budgets, retries, paging and
// reading pages of records, as a connector's manifest says. It keeps credentials on the
// API's own origin and secrets out of every error.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/secret"
)

// Defaults of [Config].
const (
	DefaultMaxWait = 15 * time.Minute
	DefaultMaxBody = 64 << 20
)

const userAgent = "rightseat"

// Config says which account to ask and how. Manifest and BaseURL are required; zero values of
// the rest mean the defaults.
type Config struct {
	Manifest *manifest.Manifest
	BaseURL  string
	// BaseMoved tells that BaseURL is not the manifest's default, e.g. a test server: tokens are
	// then asked for there as well, unless TokenURL says where.
	BaseMoved bool
	// TokenURL is the connection's own settings.token_url; may be empty.
	TokenURL string
	Auth     map[string]secret.Value
	// Vars are the settings, auth keys and organisation for the manifest's templates.
	Vars      manifest.Vars
	Secrets   *secret.Redactor // gets to know tokens as they arrive
	Limiters  *Limiters        // shared by everything that asks this account; default: the manifest's own
	Clock     clock.Clock
	Transport http.RoundTripper
	Log       *slog.Logger
	MaxWait   time.Duration // longest single wait that a vendor may ask for
	// Brief is for somebody who waits for the answer: what fails is tried once more at most.
	Brief   bool
	MaxBody int64   // bytes of one JSON page, unpacked
	Memory  *Memory // shared by everything that runs at the same time; default: the client's own
	TempDir string  // for pages that are streamed: CSV and NDJSON; default the system's
}

// Client asks one account. It is safe for concurrent use.
type Client struct {
	manifest      *manifest.Manifest
	base          *url.URL
	baseMoved     bool
	givenTokenURL string
	auth          map[string]secret.Value
	vars          manifest.Vars
	secrets       *secret.Redactor
	repeated      repeated
	limiters      *Limiters
	clock         clock.Clock
	transport     http.RoundTripper
	log           *slog.Logger
	maxWait       time.Duration
	brief         bool
	maxBody       int64
	maxSpool      int64
	memory        *Memory
	tempDir       string
	words         *words
	headers       http.Header
	authorizer    authorizer
}

// New checks the configuration and makes a client. It makes no request.
func New(cfg Config) (*Client, error) {
	c := &Client{
		manifest: cfg.Manifest, baseMoved: cfg.BaseMoved, givenTokenURL: cfg.TokenURL, auth: cfg.Auth, vars: cfg.Vars,
		secrets: cfg.Secrets, limiters: cfg.Limiters, clock: cfg.Clock, transport: cfg.Transport, log: cfg.Log,
		maxWait: cfg.MaxWait, brief: cfg.Brief, maxBody: cfg.MaxBody, maxSpool: maxSpool, memory: cfg.Memory, tempDir: cfg.TempDir, headers: http.Header{},
	}
	c.defaults()
	var err error
	if c.base, err = url.Parse(strings.TrimRight(cfg.BaseURL, "/")); err != nil || c.base.Host == "" {
		return nil, fmt.Errorf("settings.base_url %q is not a URL such as https://api.example.com", c.redact(cfg.BaseURL))
	}
	if err := secure(c.base); err != nil {
		return nil, fmt.Errorf("settings.base_url: %w", err)
	}
	if c.words, err = newWords(cfg.Manifest.Errors); err != nil {
		return nil, err
	}
	if c.limiters == nil {
		if c.limiters, err = NewLimiters(cfg.Manifest.Limits, c.clock, c.maxWait, 1); err != nil {
			return nil, err
		}
	}
	for name, template := range cfg.Manifest.Headers {
		value, err := c.expand(template)
		if err != nil {
			return nil, err
		}
		c.headers.Set(name, value)
	}
	c.authorizer, err = c.newAuthorizer()
	return c, err
}

func (c *Client) defaults() {
	if c.clock == nil {
		c.clock = clock.System{}
	}
	if c.transport == nil {
		c.transport = NewTransport()
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.secrets == nil {
		c.secrets = &secret.Redactor{}
	}
	if c.vars == nil {
		c.vars = func(string) (string, bool) { return "", false }
	}
	if c.maxWait <= 0 {
		c.maxWait = DefaultMaxWait
	}
	if c.maxBody <= 0 {
		c.maxBody = DefaultMaxBody
	}
	if c.memory == nil {
		c.memory = NewMemory(DefaultLargePages)
	}
	for name, v := range c.auth {
		c.secrets.Add(v.Reveal())
		c.repeated.addAll(name, v.Reveal())
	}
}

// Base is the API's address, without a slash at its end.
func (c *Client) Base() *url.URL { u := *c.base; return &u }

// Concurrency is how many requests of a stream may be under way at once.
func (c *Client) Concurrency(stream string) int { return c.limiters.Concurrency(stream) }

func (c *Client) expand(template string) (string, error) {
	return Expand(template, c.vars, manifest.Plain)
}

func (c *Client) redact(text string) string { return c.secrets.Redact(text) }

func (c *Client) redactErr(err error) error { return c.secrets.Error(err) }

// pathOf is what messages and rows say of a URL: its path, never its query.
func (c *Client) pathOf(u *url.URL) string {
	if u == nil {
		return ""
	}
	return c.redact(u.EscapedPath())
}

// Request is one page's request.
type Request struct {
	Stream        string // whose budget and permissions apply
	Method        string
	URL           *url.URL
	Header        map[string]string
	Body          []byte
	ContentType   string
	RedirectHosts []string // may be asked too, without credentials
	// onRetry may change the request before it is sent again.
	onRetry func(*Request)
}

// Fetch gets one page, trying again where that can help. Its errors: [*Error] when the vendor
// refuses, [*PageError] when the reply is no such page, [*WaitError], the context's error, or
// a failure of the network.
func (c *Client) Fetch(ctx context.Context, req Request, shape *Shape) (*Page, error) {
	first := true
	renewed := false
	return retry(ctx, c, c.limiters.of(req.Stream), func() (*Page, error) {
		if !first && req.onRetry != nil {
			req.onRetry(&req)
		}
		first = false
		page, used, err := c.attempt(ctx, &req, shape)
		if StatusOf(err) == http.StatusUnauthorized && !renewed && c.isSignedIn(err) && c.authorizer.renew(used) {
			renewed = true
			page, _, err = c.attempt(ctx, &req, shape)
		}
		return page, err
	})
}

// isSignedIn tells a refusal by the API from one by the token endpoint.
func (c *Client) isSignedIn(err error) bool {
	var s *signInError
	return !errors.As(err, &s)
}

// attempt sends the request once: one turn of the limiter, one page.
func (c *Client) attempt(ctx context.Context, req *Request, shape *Shape) (page *Page, used string, err error) {
	l := c.limiters.of(req.Stream)
	release, err := l.acquire(ctx)
	if err != nil {
		return nil, "", err
	}
	defer release()
	// The body's idle timer and a caller who has what it wants end the request by this.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	at := c.clock.Now()
	resp, final, used, err := c.send(ctx, req)
	if err != nil {
		return nil, used, err
	}
	body := newIdleReader(resp.Body, bodyIdle, bodyWhole, cancel)
	defer func() {
		if closeErr := body.Close(); closeErr != nil {
			err = errors.Join(err, c.network(ctx, req, closeErr))
		}
		if err != nil && page != nil {
			err = errors.Join(err, page.Close())
			page = nil
		}
	}()
	if origin(final) == origin(c.base) {
		l.observe(resp.Header)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		text, readErr := io.ReadAll(io.LimitReader(body, maxErrorBody))
		if readErr != nil && len(text) == 0 && ctx.Err() != nil {
			return nil, used, c.network(ctx, req, readErr)
		}
		return nil, used, c.refusal(req, resp.StatusCode, resp.Header, text)
	}
	page = &Page{Header: resp.Header, URL: final, RequestedAt: at, Status: resp.StatusCode, Source: c.pathOf(req.URL)}
	if err := c.read(ctx, req, page, body, shape); err != nil {
		var pe *PageError
		var refused *Error
		if errors.As(err, &pe) || errors.As(err, &refused) || errors.Is(err, errTooLarge) || errors.As(err, new(*os.PathError)) {
			return page, used, err
		}
		return page, used, c.network(ctx, req, err)
	}
	return page, used, nil
}

const maxErrorBody = 64 << 10

// network wraps a failure below HTTP; nil stays nil.
func (c *Client) network(ctx context.Context, req *Request, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		err = cause
	}
	return &netError{method: req.Method, path: c.pathOf(req.URL), err: c.redactErr(bare(err))}
}
