package endtoend_test

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/simulator"
)

// secretForms are all texts in which a secret of the world may show: as it is, escaped in a URL,
// and in base64, also as part of a longer text. The made-up vendors begin all of theirs, those
// that they hand out at sign-in included, with one word.
func (w *world) secretForms() []string {
	const word = "SIMSECRET"
	forms := []string{word, url.QueryEscape(word)}
	for shift := range 3 { // base64 depends on where in a text a word begins
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + word))
		forms = append(forms, text[(8*shift+5)/6:8*(shift+len(word))/6]) // the characters that are the word's alone
	}
	for _, v := range w.env {
		forms = append(forms, v, url.QueryEscape(v), base64.StdEncoding.EncodeToString([]byte(v)), base64.URLEncoding.EncodeToString([]byte(v)))
	}
	return forms
}

// requireNoSecrets looks for secrets in everything that a command said and in every file of the
// workspace, and in the payloads of the lake, which are compressed.
func (w *world) requireNoSecrets(t *testing.T, said ...result) {
	t.Helper()
	forms := w.secretForms()
	look := func(where string, data []byte) {
		for _, f := range forms {
			if i := bytes.Index(data, []byte(f)); i >= 0 {
				t.Errorf("%s holds a secret: …%q…", where, data[max(0, i-60):min(len(data), i+20)])
				return
			}
		}
	}
	for _, r := range said {
		look("standard output", []byte(r.out))
		look("standard error", []byte(r.errors))
	}
	require.NoError(t, filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		look(path, data)
		return nil
	}))
	for stream, rows := range w.allRows(t) {
		for _, row := range rows {
			look("the lake's "+stream, []byte(row))
		}
	}
}

// allRows are all columns of all rows in the lake, by stream.
func (w *world) allRows(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	store := lake.Open(w.dir)
	connections, err := store.Connections()
	require.NoError(t, err)
	for _, c := range connections {
		streams, err := store.Streams(c)
		require.NoError(t, err)
		for _, s := range streams {
			st, err := store.Stream(c, s)
			require.NoError(t, err)
			commits, err := st.After(0)
			require.NoError(t, err)
			for _, commit := range commits {
				for _, f := range commit.Files {
					require.NoError(t, st.Read(f, func(r lake.Row) error {
						out[c+"/"+s] = append(out[c+"/"+s], strings.Join([]string{r.RecordID, r.ParentID, r.Source, r.Issue, string(r.Payload)}, "\n"))
						return nil
					}))
				}
			}
		}
	}
	return out
}

// TestSecretsCanary looks for secrets after runs with and without faults, at the most talkative
// level of both kinds of log.
func TestSecretsCanary(t *testing.T) {
	t.Parallel()
	loud := func(w *world, format string, args ...string) result {
		return w.cli(t.Context(), append([]string{"--log-level", "debug", "--log-format", format}, args...)...)
	}
	t.Run("the search itself finds them", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		secret := w.env["RIGHTSEAT_DEMO_OKTA_API_TOKEN"]
		require.NotEmpty(t, secret)
		for _, text := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte("x:" + secret)), base64.StdEncoding.EncodeToString([]byte("abcd" + secret))} {
			found := false
			for _, f := range w.secretForms() {
				found = found || strings.Contains(text, f)
			}
			assert.True(t, found, text)
		}
	})
	for _, format := range []string{"text", "json"} {
		t.Run("without faults, "+format, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			check := loud(w, format, "check")
			assert.Zero(t, check.code, check.errors)
			run := loud(w, format, "run")
			assert.Zero(t, run.code, run.errors)
			assert.NotEmpty(t, run.errors)
			w.requireNoSecrets(t, check, run, loud(w, format, "status"), loud(w, format, "status", "--format", "json"))
		})
		t.Run("with vendors whose records and next links repeat the token, "+format, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.faults = func(vendor string, _ int, r *http.Request) *simulator.Fault {
				if isSignIn(r) || vendor != "okta" {
					return nil
				}
				return &simulator.Fault{Rewrite: func(req *http.Request, a *simulator.Answer) {
					sent := url.QueryEscape(credentials(req))
					for i, link := range a.Header["Link"] {
						a.Header["Link"][i] = regexp.MustCompile(`<([^>]*)>; rel="next"`).ReplaceAllString(link, "<$1&as="+sent+`>; rel="next"`)
					}
					a.Body = bytes.ReplaceAll(a.Body, []byte(`"id":`), []byte(`"sent":"`+sent+`","id":`))
				}}
			}
			run := loud(w, format, "run")
			assert.Contains(t, []int{0, 3}, run.code, run.errors)
			again := loud(w, format, "run")
			w.requireNoSecrets(t, run, again, loud(w, format, "status"))
			assert.NotEmpty(t, w.allRows(t)["okta/system_log"])
		})
		t.Run("with vendors that repeat what they were sent, "+format, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.faults = func(vendor string, n int, r *http.Request) *simulator.Fault {
				if isSignIn(r) {
					return nil
				}
				for _, v := range vendorCases {
					switch {
					case v.vendor != vendor:
					case n%3 == 0:
						return v.refuse(v.refused)
					case n%3 == 1:
						return &simulator.Fault{Status: 500, Rewrite: func(req *http.Request, a *simulator.Answer) {
							a.Header.Set("Content-Type", "text/plain")
							a.Body = []byte("panic: " + credentials(req) + " " + base64.StdEncoding.EncodeToString([]byte(credentials(req))) + " " + url.QueryEscape(credentials(req)))
						}}
					}
				}
				return nil
			}
			check := loud(w, format, "check")
			assert.Equal(t, 1, check.code)
			run := loud(w, format, "run")
			assert.Equal(t, 3, run.code, run.errors)
			w.requireNoSecrets(t, check, run, loud(w, format, "status"), loud(w, format, "status", "--format", "json"))
		})
	}
}
