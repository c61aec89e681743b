package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
)

// The organisation that most tests share; it is read only.
var demoOrg = sync.OnceValue(func() *Org { return NewOrg(Options{}) })

// endNow is a usual "now": the evening of the last day.
func endNow() time.Time { return demoOrg().End().Add(22 * time.Hour) }

type vendorTest struct {
	*testing.T
	org   *Org
	clock *clock.Simulated
	s     *Servers
	token map[string]string
}

// serve starts the servers at an instant, without throttling unless the options say so.
func serve(t *testing.T, now time.Time, opts ServerOptions) *vendorTest {
	t.Helper()
	if opts.ThrottleEvery == 0 {
		opts.ThrottleEvery = -1
	}
	clk := clock.NewSimulated(now)
	s, err := Start(demoOrg(), clk, opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return &vendorTest{T: t, org: demoOrg(), clock: clk, s: s, token: map[string]string{}}
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) object(t *vendorTest) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, decode(r.body, &m), "%s", r.body)
	return m
}

func (r reply) array(t *vendorTest) []any {
	t.Helper()
	var a []any
	require.NoError(t, decode(r.body, &a), "%s", r.body)
	return a
}

func (r reply) next() string {
	for _, l := range r.header.Values("Link") {
		if strings.HasSuffix(l, `rel="next"`) {
			return l[1:strings.Index(l, ">")]
		}
	}
	return ""
}

// origin is the scheme and host of a vendor.
func (t *vendorTest) origin(vendor string) string {
	u, err := url.Parse(t.s.URL(vendor))
	require.NoError(t, err)
	return u.Scheme + "://" + u.Host
}

func (t *vendorTest) do(req *http.Request) reply {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return reply{resp.StatusCode, resp.Header, body}
}

// sign signs the request in as the vendor wants it.
func (t *vendorTest) sign(vendor string, req *http.Request) {
	t.Helper()
	switch vendor {
	case Okta:
		req.Header.Set("Authorization", "SSWS "+t.org.Secret(Okta, "api_token"))
	case BambooHR:
		req.SetBasicAuth(t.org.Secret(BambooHR, "api_key"), "x")
	case Netskope:
		req.Header.Set("Netskope-Api-Token", t.org.Secret(Netskope, "api_token"))
	default:
		if t.token[vendor] == "" {
			t.token[vendor] = t.signIn(vendor)
		}
		req.Header.Set("Authorization", "Bearer "+t.token[vendor])
		if vendor == Ironclad {
			req.Header.Set("x-as-user-email", t.org.IroncladUser())
		}
	}
}

func (t *vendorTest) signIn(vendor string) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"https://graph.microsoft.com/.default"}}
	path := map[string]string{Entra: "/" + TenantID + "/oauth2/v2.0/token", Zoom: "/oauth/token", Ramp: "/developer/v1/token", Ironclad: "/oauth/token"}[vendor]
	if vendor == Zoom {
		form = url.Values{"grant_type": {"account_credentials"}, "account_id": {t.org.Secret(Zoom, "account_id")}}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, t.origin(vendor)+path, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(t.org.Secret(vendor, "client_id"), t.org.Secret(vendor, "client_secret"))
	r := t.do(req)
	require.Equal(t, 200, r.status, "%s", r.body)
	return r.object(t)["access_token"].(string)
}

// get asks for a path below the vendor's base URL, or for a whole URL.
func (t *vendorTest) get(vendor, path string) reply {
	t.Helper()
	return t.ask(vendor, http.MethodGet, path, "")
}

func (t *vendorTest) ask(vendor, method, path, body string) reply {
	t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = t.s.URL(vendor) + path
	}
	req, err := http.NewRequestWithContext(t.Context(), method, path, bytes.NewReader([]byte(body)))
	require.NoError(t, err)
	t.sign(vendor, req)
	return t.do(req)
}

// ok is get that must succeed.
func (t *vendorTest) ok(vendor, path string) reply {
	t.Helper()
	r := t.get(vendor, path)
	require.Equal(t, 200, r.status, "%s: %s", path, r.body)
	return r
}

// oktaAll follows next links to the end.
func (t *vendorTest) oktaAll(path string) (all []map[string]any, pages int) {
	t.Helper()
	for path != "" {
		r := t.ok(Okta, path)
		for _, e := range r.array(t) {
			all = append(all, e.(map[string]any))
		}
		pages++
		path = r.next()
	}
	return all, pages
}

// zoomAll follows next page tokens to the end.
func (t *vendorTest) zoomAll(path, key string) (all []map[string]any, pages int) {
	t.Helper()
	for token := ""; ; {
		r := t.ok(Zoom, path+"&next_page_token="+url.QueryEscape(token)).object(t)
		for _, e := range r[key].([]any) {
			all = append(all, e.(map[string]any))
		}
		pages++
		if token = r["next_page_token"].(string); token == "" {
			return all, pages
		}
	}
}

// linked follows a next link in the body, at @odata.nextLink or page.next.
func (t *vendorTest) linked(vendor, path string) (all []map[string]any, pages int) {
	t.Helper()
	for path != "" {
		r := t.ok(vendor, path).object(t)
		list, _ := r["value"].([]any)
		path, _ = r["@odata.nextLink"].(string)
		if page, ok := r["page"].(map[string]any); ok {
			list, _ = r["data"].([]any)
			path, _ = page["next"].(string)
		}
		for _, e := range list {
			all = append(all, e.(map[string]any))
		}
		pages++
	}
	return all, pages
}

func text(m map[string]any, path string) string {
	var v any = m
	for key := range strings.SplitSeq(path, ".") {
		o, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = o[key]
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		return ""
	}
}

func texts(list []map[string]any, path string) []string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = text(m, path)
	}
	return out
}

// sharedFile finds a file of the folder named shared beside or above the repository.
func sharedFile(t *testing.T, path string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "shared", "CONTRACT.md")); err == nil {
			data, err := os.ReadFile(filepath.Join(dir, "shared", path))
			require.NoError(t, err)
			return data
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no folder named shared in any parent: vendors' specs and samples are not there to compare with")
		}
	}
}
