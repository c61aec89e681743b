package httpapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/excerpt"
	"github.com/rightseat/rightseat/internal/secret"
)

// TestRefusalsInTheVendorsWords has a vendor refuse a request in many shapes, each of which must
// come out with its words, the permission that is missing and what to do.
func TestRefusalsInTheVendorsWords(t *testing.T) {
	t.Parallel()
	const canary = "canary-0123456789"
	m := &manifest.Manifest{
		Name: "x", Auth: []manifest.Auth{{Type: manifest.AuthToken}},
		Permissions: []manifest.Permission{{Name: "users.read", Streams: []string{"s"}}, {Name: "logs.read", Streams: []string{"t"}}, {Name: "basic"}},
		Errors: manifest.Errors{
			Message: []string{"problem.text", "problem.title"}, Code: []string{"problem.code"}, OKField: "ok",
			Hints:      map[string]string{"E7": "Ask for less.", "403": "Grant it.", "404": "Look elsewhere."},
			RetryCodes: []string{"LATER"}, ForbiddenCodes: []string{"NOSCOPE"},
		},
	}
	cases := map[string]struct {
		status int
		body   string
		want   string // the error's text behind the method and path
		asked  int
	}{
		"where the manifest says":    {400, `{"problem":{"text":"Too much","code":"E7"},"message":"other"}`, "400 Bad Request: Too much (E7); Ask for less.", 1},
		"at the manifest's second":   {400, `{"problem":{"title":"Bad"}}`, "400 Bad Request: Bad", 1},
		"where APIs usually say it":  {400, `{"errors":[{"detail":"No such field"}]}`, "400 Bad Request: No such field", 1},
		"somewhere else":             {400, `{"reason":"odd"}`, `400 Bad Request: {"reason":"odd"}`, 1},
		"plain text":                 {400, "nope\x1b[2J\nnope", "400 Bad Request: nope [2J nope", 1},
		"nothing":                    {400, "", "400 Bad Request", 1},
		"an empty object":            {400, "{}", "400 Bad Request", 1},
		"a gateway's page":           {404, "<html>Not here</html>", "404 Not Found: an HTML page instead of the API's answer; Look elsewhere.", 1},
		"a missing permission":       {403, `{"message":"Forbidden"}`, "403 Forbidden: Forbidden; the stream needs users.read, basic; Grant it.", 1},
		"a code that means the same": {400, `{"problem":{"text":"no scope","code":"NOSCOPE"}}`, "403 Forbidden: no scope (NOSCOPE); the stream needs users.read, basic; Grant it.", 1},
		"a wrong token":              {401, `{}`, "401 Unauthorized; the stream needs users.read, basic; check the connection's auth: the credentials were not accepted", 1},
		"with status 200":            {200, `{"ok":false,"problem":{"text":"invalid","code":"E7"}}`, "200, but the reply says that it failed: invalid (E7); Ask for less.", inReplyTries},
		"later, by its code":         {400, `{"problem":{"text":"busy","code":"LATER"}}`, "400 Bad Request: busy (LATER)", throttledTries},
		"broken":                     {500, `{"message":"oops"}`, "500 Internal Server Error: oops", brokenTries},
		"not made":                   {501, ``, "501 Not Implemented", 1},
		"with our secret in it":      {400, `{"message":"bad token ` + canary + `"}`, "400 Bad Request: bad token [redacted]", 1},
		"our secret where it is cut": {400, `{"message":"` + strings.Repeat("x", excerpt.Most-8) + canary + `"}`, "400 Bad Request: " + strings.Repeat("x", excerpt.Most-8) + "[redacte…", 1},
		"our secret, and no JSON":    {400, strings.Repeat("y", excerpt.Most-8) + canary, "400 Bad Request: " + strings.Repeat("y", excerpt.Most-8) + "[redacte…", 1},
		"at great length":            {400, `{"message":"` + strings.Repeat("x", 5000) + `"}`, "400 Bad Request: " + strings.Repeat("x", excerpt.Most) + "…", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.answer = func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}
			client, err := New(Config{Manifest: m, BaseURL: a.URL, Auth: map[string]secret.Value{"token": secret.New(canary)}, Clock: clock.NewSimulated(now),
				Vars: func(string) (string, bool) { return canary, true }})
			require.NoError(t, err)
			err = fetch(t.Context(), t, client)
			var refused *Error
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, "GET /list: "+c.want, err.Error())
			assert.Equal(t, c.asked, len(a.requests))
			assert.NotContains(t, err.Error(), canary)
		})
	}
}

func TestBriefClientsAskTwice(t *testing.T) {
	t.Parallel()
	for status, tries := range map[int]int{500: 2, 503: 2, 429: 2, 400: 1, 501: 1} {
		a := newAPI(t)
		a.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
		client, err := New(Config{Manifest: &manifest.Manifest{Name: "x"}, BaseURL: a.URL, Clock: clock.NewSimulated(now), Brief: true, MaxWait: time.Minute})
		require.NoError(t, err)
		assert.Equal(t, status, StatusOf(fetch(t.Context(), t, client)))
		assert.Len(t, a.requests, tries, "%d", status)
	}
}

// TestStreamedFormats reads pages that are taken apart line by line. What cannot be read is kept with
// its place.
func TestStreamedFormats(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		response manifest.Response
		body     string
		want     []string
	}{
		"lines":            {manifest.Response{Format: "ndjson"}, "{\"a\":1}\n\n  {\"a\":2}\r\n{\"a\":3}", []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		"a broken line":    {manifest.Response{Format: "ndjson"}, "{\"a\":1}\n{\"a\":\n{\"a\":3}", []string{`{"a":1}`, `"{\"a\":" bad_json line 2`, `{"a":3}`}},
		"lines, exploded":  {manifest.Response{Format: "ndjson", Explode: "l"}, "{\"l\":[1,2],\"k\":0}\n{\"l\":[]}\nx\n{\"l\":[3]}", []string{`{"l":1,"k":0}`, `{"l":2,"k":0}`, `"x" bad_json line 3`, `{"l":3}`}},
		"no line":          {manifest.Response{Format: "ndjson"}, "", nil},
		"a table":          {manifest.Response{Format: "csv"}, "\xef\xbb\xbfid,name\n1,\"a, \"\"b\"\"\"\n2,<é>\n", []string{`{"id":"1","name":"a, \"b\""}`, `{"id":"2","name":"<é>"}`}},
		"rows of any size": {manifest.Response{Format: "csv"}, "id,name\n1\n2,b,c\n", []string{`{"id":"1"} bad_csv line 2`, `{"id":"2","name":"b"} bad_csv line 3`}},
		"a header alone":   {manifest.Response{Format: "csv"}, "id,name\n", nil},
		"no header":        {manifest.Response{Format: "csv"}, "", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.answer = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, c.body) }
			client, _ := a.client(t, clock.NewSimulated(now), manifest.Auth{Type: manifest.AuthNone}, nil)
			shape, err := NewShape(c.response, manifest.Paging{})
			require.NoError(t, err)
			page, err := client.Fetch(t.Context(), Request{Stream: "s", Method: "GET", URL: client.Base()}, shape)
			require.NoError(t, err)
			var got []string
			require.NoError(t, page.Chunks(func(records []Record) error {
				for _, r := range records {
					text := string(r.Raw)
					if r.Issue != "" {
						place, _, _ := strings.Cut(r.Issue, ":")
						text += " " + r.Check + " " + place
					}
					got = append(got, text)
				}
				return nil
			}))
			assert.Equal(t, c.want, got)
			require.NoError(t, page.Close())
		})
	}
}
