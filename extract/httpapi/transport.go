package httpapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	dialTimeout   = 15 * time.Second
	headerTimeout = 2 * time.Minute
	briefDial     = 5 * time.Second
	briefHeader   = 30 * time.Second
	bodyIdle      = time.Minute // between two reads of a body
	bodyWhole     = time.Hour   // for a body to come whole, however little of it comes at a time
	tokenTimeout  = time.Minute
	maxRedirects  = 5
)

// NewTransport is the transport used by default: TLS 1.2 or newer, proxies from the
// environment, and a limit on every wait.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   dialTimeout,
		ResponseHeaderTimeout: headerTimeout,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       30 * time.Second,
		MaxIdleConnsPerHost:   8,
		ReadBufferSize:        64 << 10,
	}
}

// NewBriefTransport is like [NewTransport], for somebody who waits for the answer.
func NewBriefTransport() *http.Transport {
	t := NewTransport()
	t.DialContext = (&net.Dialer{Timeout: briefDial}).DialContext
	t.TLSHandshakeTimeout, t.ResponseHeaderTimeout = briefDial, briefHeader
	return t
}

// origin is scheme, host and port: what credentials belong to.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)]
	}
	return strings.ToLower(u.Scheme) + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

// secure refuses addresses where credentials would go over an open network in clear text.
// This machine, private addresses and names without a dot are somebody's own network.
func secure(u *url.URL) error {
	switch u.Scheme {
	case "https":
		return nil
	case "http":
		host := u.Hostname()
		ip := net.ParseIP(host)
		if host == "localhost" || strings.HasSuffix(host, ".localhost") || !strings.Contains(host, ".") && ip == nil || ip != nil && (ip.IsLoopback() || ip.IsPrivate()) {
			return nil
		}
		return fmt.Errorf("%s://%s would send credentials in clear text; use https", u.Scheme, u.Host)
	}
	return fmt.Errorf("scheme %q is neither https nor http", u.Scheme)
}

// errForeign tells of an address that the manifest does not allow.
type errForeign struct{ host string }

func (e *errForeign) Error() string {
	return fmt.Sprintf("the vendor points to another host, %s, which the manifest does not allow (response.redirect_hosts); it was not asked", e.host)
}

// allowed tells whether u may be asked: with credentials on the API's origin, without them on
// the hosts named.
func (c *Client) allowed(u *url.URL, hosts []string) (credentials bool, err error) {
	if origin(u) == origin(c.base) {
		return true, nil
	}
	if u.Scheme == "https" || u.Scheme == "http" && c.base.Scheme == "http" {
		for _, h := range hosts {
			if hostMatches(u, h) {
				return false, nil
			}
		}
	}
	return false, &errForeign{host: u.Host}
}

func hostMatches(u *url.URL, pattern string) bool {
	host := strings.ToLower(u.Hostname())
	pattern = strings.ToLower(pattern)
	if suffix, ok := strings.CutPrefix(pattern, "*."); ok {
		return strings.HasSuffix(host, "."+suffix)
	}
	return host == pattern || strings.ToLower(u.Host) == pattern
}

// send makes the request and follows redirects. Credentials and the manifest's headers go to
// the API's own origin only.
func (c *Client) send(ctx context.Context, req *Request) (_ *http.Response, final *url.URL, used string, err error) {
	u, method, body := req.URL, req.Method, req.Body
	for range maxRedirects + 1 {
		credentials, err := c.allowed(u, req.RedirectHosts)
		if err != nil {
			return nil, nil, used, &linkError{req.Method, c.pathOf(req.URL), err}
		}
		hr, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
		if err != nil {
			return nil, nil, used, fmt.Errorf("%s %s: %w", req.Method, c.pathOf(req.URL), c.redactErr(bare(err)))
		}
		if used, err = c.dress(ctx, hr, req, credentials, len(body) > 0, used); err != nil {
			return nil, nil, used, err
		}
		resp, err := c.transport.RoundTrip(hr)
		if err != nil {
			return nil, nil, used, c.network(ctx, req, err)
		}
		location := resp.Header.Get("Location")
		if resp.StatusCode < 300 || resp.StatusCode > 399 || location == "" {
			return resp, u, used, nil
		}
		if err := resp.Body.Close(); err != nil {
			return nil, nil, used, c.network(ctx, req, err)
		}
		if u, err = u.Parse(location); err != nil {
			return nil, nil, used, &linkError{req.Method, c.pathOf(req.URL), errors.New("the vendor redirects to what is no address")}
		}
		if resp.StatusCode != http.StatusTemporaryRedirect && resp.StatusCode != http.StatusPermanentRedirect {
			method, body = http.MethodGet, nil
		} else if origin(u) != origin(c.base) {
			body = nil // what was for the API is for nobody else
		}
	}
	return nil, nil, used, fmt.Errorf("%s %s: more than %d redirects", req.Method, c.pathOf(req.URL), maxRedirects)
}

func (c *Client) dress(ctx context.Context, hr *http.Request, req *Request, credentials, hasBody bool, used string) (string, error) {
	hr.Header.Set("User-Agent", userAgent)
	if !credentials {
		return used, nil
	}
	hr.Header.Set("Accept", "application/json")
	for name, values := range c.headers {
		hr.Header[name] = values
	}
	for name, value := range req.Header {
		hr.Header.Set(name, value)
	}
	if hasBody && req.ContentType != "" {
		hr.Header.Set("Content-Type", req.ContentType)
	}
	return c.authorizer.authorize(ctx, hr.Header)
}

var (
	errIdle = errors.New("the vendor stopped sending in the middle of a page")
	errSlow = errors.New("the vendor sends a page so slowly that it does not come to its end in time")
)

// idleReader ends a request whose body makes no progress for a while, or does not come to its end in all its time.
type idleReader struct {
	body         io.ReadCloser
	timer, whole *time.Timer
	limit        time.Duration
	idle, slow   atomic.Bool
}

func newIdleReader(body io.ReadCloser, limit, whole time.Duration, cancel context.CancelCauseFunc) *idleReader {
	r := &idleReader{body: body, limit: limit}
	r.whole = time.AfterFunc(whole, func() {
		r.slow.Store(true)
		cancel(errSlow)
	})
	r.timer = time.AfterFunc(limit, func() {
		r.idle.Store(true)
		cancel(errIdle)
	})
	return r
}

func (r *idleReader) Read(p []byte) (int, error) {
	r.timer.Reset(r.limit)
	n, err := r.body.Read(p)
	switch {
	case err == nil || err == io.EOF:
	case r.slow.Load():
		err = errSlow
	case r.idle.Load():
		err = errIdle
	}
	return n, err
}

// pause stops the watch until the next Read.
func (r *idleReader) pause() { r.timer.Stop() }

func (r *idleReader) Close() error {
	r.timer.Stop()
	r.whole.Stop()
	return r.body.Close()
}
