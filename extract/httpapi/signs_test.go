package httpapi

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
)

// TestErrorsInsideA200 has the dialects in which vendors say in a reply with status 200 that it failed, and others
// that look like it and mean nothing.
func TestErrorsInsideA200(t *testing.T) {
	t.Parallel()
	rows := manifest.Response{Records: "rows"}
	for name, tc := range map[string]struct {
		body     string
		response manifest.Response
		errors   manifest.Errors
		failed   bool
	}{
		"Slack":                      {`{"ok":false,"error":"ratelimited","rows":[]}`, rows, manifest.Errors{}, true},
		"Netskope":                   {`{"ok":0,"error_code":"Internal","message":"query timed out","rows":[],"wait_time":0}`, rows, manifest.Errors{}, true},
		"Netskope, older":            {`{"status":"error","errors":["x"],"rows":[]}`, rows, manifest.Errors{}, true},
		"Graph, behind the rows":     {`{"rows":[{"id":1}],"error":{"code":"UnknownError","message":"Unable to read data"}}`, rows, manifest.Errors{}, true},
		"GraphQL":                    {`{"data":{"rows":[{"id":1}]},"errors":[{"message":"timeout"}]}`, manifest.Response{Records: "data.rows"}, manifest.Errors{}, true},
		"Duo":                        {`{"stat":"FAIL","code":40103,"message":"Invalid","rows":[]}`, rows, manifest.Errors{}, true},
		"OneLogin":                   {`{"status":{"error":true,"code":400,"type":"bad request"},"rows":[]}`, rows, manifest.Errors{}, true},
		"success: false":             {`{"success":false,"rows":[]}`, rows, manifest.Errors{}, true},
		"a status of its own":        {`{"status":503,"rows":[]}`, rows, manifest.Errors{}, true},
		"results left out":           {`{"incomplete_results":true,"rows":[{"id":1}]}`, rows, manifest.Errors{}, true},
		"other case and underscores": {`{"hasErrors":true,"rows":[]}`, rows, manifest.Errors{}, true},
		"without rows":               {`{"error":"broken"}`, manifest.Response{Records: "rows", AllowMissing: true}, manifest.Errors{}, true},
		"where one record was due":   {`{"error":{"code":"x","message":"y"}}`, manifest.Response{}, manifest.Errors{}, true},
		"no record at all":           {`{"error":"not allowed"}`, manifest.Response{}, manifest.Errors{}, true},
		"a place of the vendor's":    {`{"meta":{"failures":[{"shard":1}]},"rows":[]}`, rows, manifest.Errors{Also: manifest.PathList{"meta.failures"}}, true},
		"a code beside the rows":     {`{"error_v2":{"error_code":"D7000","message":"x"},"rows":[{"id":1}]}`, rows, manifest.Errors{Code: []string{"error_v2.error_code"}}, true},
		"a code, and no rows":        {`{"code":500,"message":"Internal error","rows":[]}`, rows, manifest.Errors{Code: []string{"code"}}, true},

		"fine":                       {`{"ok":true,"error":null,"errors":[],"rows":[]}`, rows, manifest.Errors{}, false},
		"fine, as numbers and text":  {`{"ok":1,"error":"","error_code":0,"status":"success","rows":[]}`, rows, manifest.Errors{}, false},
		"fine, OneLogin":             {`{"status":{"error":false,"code":200,"type":"success","message":"Success"},"rows":[]}`, rows, manifest.Errors{}, false},
		"an error that says nothing": {`{"error":{"code":0,"message":""},"errors":{},"rows":[]}`, rows, manifest.Errors{}, false},
		"a record's own status":      {`{"id":1,"status":"failed","error_code":"E5","errorMessage":"x"}`, manifest.Response{}, manifest.Errors{}, false},
		"a record's own error":       {`{"id":1,"error":"last sync failed"}`, manifest.Response{}, manifest.Errors{}, false},
		"errors are the records":     {`{"errors":[{"id":1}]}`, manifest.Response{Records: "errors"}, manifest.Errors{}, false},
		"normal with this vendor":    {`{"errors":[{"skipped":1}],"rows":[]}`, rows, manifest.Errors{Normal: []string{"errors"}}, false},
		"an error inside a record":   {`{"rows":[{"id":1,"error":{"code":"x"}}]}`, rows, manifest.Errors{}, false},
		"fine, by its code":          {`{"code":200,"rows":[]}`, rows, manifest.Errors{Code: []string{"code"}}, false},
		"fine, by a created code":    {`{"code":"201","rows":[]}`, rows, manifest.Errors{Code: []string{"code"}}, false},
		"a code of a normal reply":   {`{"code":"A1","rows":[]}`, rows, manifest.Errors{Code: []string{"code"}, Normal: []string{"code"}}, false},
		"a status that is a code":    {`{"status":"active","rows":[]}`, rows, manifest.Errors{Code: []string{"status"}}, false},
		"a record's own code":        {`{"id":1,"code":"DE"}`, manifest.Response{}, manifest.Errors{Code: []string{"code"}}, false},
		"records alone":              {`[{"id":1,"ok":false}]`, manifest.Response{}, manifest.Errors{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.answer = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, tc.body) }
			client, err := New(Config{Manifest: &manifest.Manifest{Name: "x", Errors: tc.errors}, BaseURL: a.URL, Clock: clock.NewSimulated(now)})
			require.NoError(t, err)
			shape, err := NewShape(tc.response, manifest.Paging{})
			require.NoError(t, err)
			page, err := client.Fetch(t.Context(), Request{Method: http.MethodGet, URL: client.Base().JoinPath("list")}, shape)
			if !tc.failed {
				require.NoError(t, err)
				require.NoError(t, page.Close())
				assert.Len(t, a.requests, 1)
				return
			}
			var refused *Error
			require.ErrorAs(t, err, &refused)
			assert.True(t, refused.InReply())
			assert.Len(t, a.requests, inReplyTries, "asked again")
		})
	}
}

// TestSuccessesThatBringNoPage: not every status of success says that the records are there.
func TestSuccessesThatBringNoPage(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status   int
		body     string
		response manifest.Response
		want     string
	}{
		"nothing":                    {204, "", manifest.Response{Records: "v"}, "204 No Content"},
		"nothing, which may be":      {204, "", manifest.Response{Records: "v", AllowMissing: true}, ""},
		"a part":                     {206, `{"v":[1]}`, manifest.Response{Records: "v"}, "206 Partial Content"},
		"later":                      {202, `{"v":[]}`, manifest.Response{Records: "v"}, "202 Accepted"},
		"HTML":                       {200, "<html>Sign in</html>", manifest.Response{Records: "v"}, "HTML or XML instead of JSON"},
		"HTML, where CSV was due":    {200, "<html>Sign in</html>", manifest.Response{Format: "csv"}, "HTML or XML"},
		"JSON, where CSV was due":    {200, `[{"id":1}]`, manifest.Response{Format: "csv"}, "JSON instead of CSV"},
		"an error, where lines were": {200, `{"error":{"code":1}}` + "\n", manifest.Response{Format: "ndjson"}, "the reply says that it failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.answer = func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				if tc.body != "" {
					fmt.Fprint(w, tc.body)
				}
			}
			records, _, err := collect(t, a, tc.response, manifest.Paging{}, Target{})
			assert.Empty(t, records)
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.want)
		})
	}
}

// TestWordsFromHeaders: BambooHR says in a header what is wrong.
func TestWordsFromHeaders(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-BambooHR-Error-Message", "Invalid\tAPI key")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `<html>Bad Request</html>`)
	}
	client, err := New(Config{Manifest: &manifest.Manifest{Name: "x", Errors: manifest.Errors{MessageHeader: manifest.PathList{"X-Other", "X-BambooHR-Error-Message"}}}, BaseURL: a.URL, Clock: clock.NewSimulated(now)})
	require.NoError(t, err)
	assert.EqualError(t, fetch(t.Context(), t, client), "GET /list: 400 Bad Request: Invalid API key")
}

// TestEndsThatAreNone: a list has not ended because nothing says how to go on, nor because as many records came as a
// capped count says.
func TestEndsThatAreNone(t *testing.T) {
	t.Parallel()
	v := manifest.Response{Records: "v"}
	for name, tc := range map[string]struct {
		paging  manifest.Paging
		answer  func(http.ResponseWriter, *http.Request)
		records int
		want    string
	}{
		"more, and no cursor": {manifest.Paging{Type: "cursor", Next: "next", Param: "after", HasMore: "more"},
			func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"v":[1],"more":true,"next":null}`) }, 0, "it says that there is more, and not where"},
		"more, and nothing": {manifest.Paging{Type: "offset", Param: "offset", HasMore: "more"},
			func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"v":[],"more":true}`) }, 0, "it says that there is more, and gives nothing"},
		"a capped count":            {manifest.Paging{Type: "offset", Param: "offset", Total: "total"}, numbersCapped(7, 2, 4), 7, ""},
		"a count of the page alone": {manifest.Paging{Type: "offset", Param: "offset", Total: "total"}, numbersCapped(7, 2, 2), 7, ""},
		"no page behind the last": {manifest.Paging{Type: "offset", Param: "offset", Size: 2, Total: "total"}, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("offset") == "4" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			numbersCapped(4, 2, 4)(w, r)
		}, 4, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.answer = tc.answer
			records, _, err := collect(t, a, v, tc.paging, Target{})
			if tc.want != "" {
				require.ErrorContains(t, err, tc.want)
				require.ErrorAs(t, err, new(*PageError))
				return
			}
			require.NoError(t, err)
			assert.Len(t, records, tc.records)
		})
	}
}

func numbersCapped(n, size, total int) func(http.ResponseWriter, *http.Request) {
	return numbers(n, size, 0, "offset", `{"v":[%s],"all":%d,"y":%v,"total":`+fmt.Sprint(total)+`}`)
}
