package extract_test

import (
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/secret"
)

func TestCheckWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	report, err := w.extractor().Check(t.Context())
	require.NoError(t, err)
	requireComplete(t, report)
	assert.Len(t, report.Streams, 6)
	_, err = os.Stat(filepath.Join(w.dir, "lake"))
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// closedPort is an address of this machine at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return "http://" + l.Addr().String()
}

// TestCheckTellsOfAnUnreachableHostOnce has a real clock: the answer must be there in seconds.
func TestCheckTellsOfAnUnreachableHostOnce(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		base, want string
		signIn     bool
		tokenURL   string
	}{
		"nobody listens":      {base: closedPort(t), want: "nobody listens at 127.0.0.1:"},
		"no such host":        {base: "https://no-such-host.invalid", want: "no-such-host.invalid"},
		"no token endpoint":   {base: closedPort(t), signIn: true, want: "(connection refused); check base_url; none of its"},
		"another token host":  {base: closedPort(t), signIn: true, tokenURL: closedPort(t) + "/token", want: "(connection refused); check token_url; none of its"},
		"another's TLS":       {base: tlsVendor(t), want: "certificate"},
		"with a path of ours": {base: closedPort(t) + "/api/v1", want: "GET /api/v1/apps: nobody listens"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.settings = map[string]any{"base_url": c.base, "token_url": c.tokenURL}
			x := w.extractor()
			if c.signIn {
				w.manifest.Auth = []manifest.Auth{{Type: manifest.AuthClientCredentials, TokenURL: c.base + "/token"}}
				x.Config.Connections[0].Auth = map[string]secret.Value{"client_id": secret.New("someone"), "client_secret": secret.New(token)}
			}
			x.Clock = clock.System{}
			x.Config.File, x.Config.Connections[0].Line = "rightseat.yaml", 7
			began := time.Now()
			report, err := x.Check(t.Context())
			require.NoError(t, err)
			assert.Less(t, time.Since(began), time.Minute, "not tried again for as long as a night's run would")
			require.Len(t, report.Streams, 1)
			r := report.Streams[0]
			assert.Empty(t, r.Stream)
			assert.Equal(t, extract.StreamFailed, r.State)
			assert.Contains(t, r.Error, c.want)
			assert.Contains(t, r.Error, "rightseat.yaml line 7: connection fake: ")
			assert.Contains(t, r.Error, "none of its 6 streams was read")
			assert.True(t, httpapi.IsUnreachable(r.Err))
			assert.NotContains(t, r.Error, token)
		})
	}
}

// tlsVendor is a vendor with a certificate that nobody knows.
func tlsVendor(t *testing.T) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that fail
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// TestCheckIsBrief counts how often a vendor in trouble is asked for a stream.
func TestCheckIsBrief(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		answer func(http.ResponseWriter)
		tries  int
		want   string
	}{
		"broken":           {func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }, 2, "502 Bad Gateway"},
		"throttled":        {func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) }, 2, "429 Too Many Requests"},
		"HTML":             {func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) }, 2, "not the expected page"},
		"refused":          {func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }, 1, "403 Forbidden"},
		"cut":              {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 2, "EOF"},
		"asks for an hour": {later("3600"), 1, "asks to wait 1h0m0s, longer than the 10s"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only("apps")
			w.inject(func(rw http.ResponseWriter, _ *http.Request, _ int) bool {
				c.answer(rw)
				return true
			})
			report, err := w.extractor().Check(t.Context())
			require.NoError(t, err)
			require.Len(t, report.Streams, 1)
			assert.Equal(t, "apps", report.Streams[0].Stream, "the host was reached")
			assert.Contains(t, report.Streams[0].Error, c.want)
			assert.Len(t, w.asked(), c.tries)
			assert.False(t, strings.Contains(report.Streams[0].Error, token))
		})
	}
}

func later(seconds string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", seconds)
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

func TestCheckGoesOnAfterOneStreamFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		if strings.HasPrefix(r.URL.Path, "/api/apps") {
			rw.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	report, err := w.extractor().Check(t.Context())
	require.NoError(t, err)
	assert.Equal(t, extract.StreamFailed, w.result(report, "apps").State)
	assert.Equal(t, extract.StreamSkipped, w.result(report, "app_users").State)
	assert.Equal(t, extract.StreamComplete, w.result(report, "log").State)
	assert.Equal(t, extract.StreamComplete, w.result(report, "people").State)
}
