package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Fault is a wrong answer. The vendor's own answer is worked out first and then changed.
type Fault struct {
	Delay  time.Duration // before the answer; ends early when the client goes away
	Status int           // when not 0: this status …
	Header http.Header   // … and these headers besides, and
	Body   []byte        // this body instead of the vendor's
	// Rewrite changes the vendor's answer; nil leaves it.
	Rewrite func(r *http.Request, a *Answer)
	// CutAt ends the connection in the middle of the body when above 0: after that share of it.
	CutAt float64
	// Drop ends the connection without an answer.
	Drop bool
}

// Answer is a whole reply.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// recorder holds an answer back.
type recorder struct {
	a Answer
	b bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.a.Header }
func (w *recorder) Write(p []byte) (int, error) { return w.b.Write(p) }
func (w *recorder) WriteHeader(status int)      { w.a.Status = status }

func (f *Fault) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if f.Delay > 0 {
		t := time.NewTimer(f.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return
		}
	}
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	rec := &recorder{a: Answer{Status: http.StatusOK, Header: http.Header{}}}
	if f.Status == 0 {
		next.ServeHTTP(rec, r)
		rec.a.Body = rec.b.Bytes()
	} else {
		rec.a.Status, rec.a.Body = f.Status, f.Body
	}
	if f.Rewrite != nil {
		f.Rewrite(r, &rec.a)
	}
	for k, v := range rec.a.Header {
		w.Header()[k] = v
	}
	for k, v := range f.Header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(rec.a.Body)))
	w.WriteHeader(rec.a.Status)
	if f.CutAt > 0 {
		_, _ = w.Write(rec.a.Body[:int(float64(len(rec.a.Body))*min(f.CutAt, 0.99))])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(rec.a.Body)
}

// Unwrap lets a response controller reach the connection.
func (w *countingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// FaultStatus answers with a status and a body that is no vendor's, as gateways do.
func FaultStatus(status int) *Fault {
	return &Fault{Status: status, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte(http.StatusText(status))}
}

// FaultHTML answers 200 with a web page, as a captive portal or a sign-in page does.
func FaultHTML() *Fault {
	return &Fault{Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: []byte("<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>")}
}

// FaultCut ends the connection in the middle of the body.
func FaultCut() *Fault { return &Fault{CutAt: 0.5} }

// FaultCutCleanly sends half of the body as if it were all of it.
func FaultCutCleanly() *Fault {
	return &Fault{Rewrite: func(_ *http.Request, a *Answer) { a.Body = a.Body[:len(a.Body)/2] }}
}

// FaultSlow answers late.
func FaultSlow(d time.Duration) *Fault { return &Fault{Delay: d} }

// FaultNextLoop makes the next link (or cursor) lead to the page itself.
func FaultNextLoop() *Fault {
	return &Fault{Rewrite: func(r *http.Request, a *Answer) {
		self := "http://" + r.Host + r.URL.RequestURI()
		q := r.URL.Query()
		setNext(a, self, orElse(orElse(q.Get("next_page_token"), q.Get("page[after]")), encodeCursor(0)))
	}}
}

// FaultNextElsewhere makes the next link lead to another host, given as scheme and host. It
// changes nothing where the vendor gives a cursor instead of a link.
func FaultNextElsewhere(origin string) *Fault {
	return &Fault{Rewrite: func(r *http.Request, a *Answer) { setNext(a, origin+r.URL.RequestURI(), "") }}
}

// setNext replaces or adds the next page's link, or its cursor where the vendor has one.
func setNext(a *Answer, link, cursor string) {
	links := a.Header.Values("Link")
	for i, l := range links {
		if strings.Contains(l, `rel="next"`) {
			links[i] = fmt.Sprintf(`<%s>; rel="next"`, link)
			return
		}
	}
	if len(links) > 0 {
		a.Header.Add("Link", fmt.Sprintf(`<%s>; rel="next"`, link))
		return
	}
	editJSON(a, func(m map[string]any) {
		page, _ := m["page"].(map[string]any)
		meta, _ := m["meta"].(map[string]any)
		cursors, _ := meta["page"].(map[string]any)
		switch {
		case m["@odata.context"] != nil:
			m["@odata.nextLink"] = link
		case page != nil:
			page["next"] = link
		case cursors != nil && cursor != "":
			cursors["nextCursor"] = cursor
		case m["page_size"] != nil && cursor != "":
			m["next_page_token"] = cursor
		}
	})
}

// FaultWrongTypes turns every text of the records into a number and every number into a text.
func FaultWrongTypes() *Fault {
	return &Fault{Rewrite: func(_ *http.Request, a *Answer) {
		var v any
		if decode(a.Body, &v) != nil {
			return
		}
		for _, list := range recordLists(v) {
			for _, e := range list {
				if rec, ok := e.(map[string]any); ok {
					swapTypes(rec)
				}
			}
		}
		a.Body, _ = json.Marshal(v)
	}}
}

// FaultMissingField takes a top-level field out of every record.
func FaultMissingField(name string) *Fault {
	return &Fault{Rewrite: func(_ *http.Request, a *Answer) {
		var v any
		if decode(a.Body, &v) != nil {
			return
		}
		for _, list := range recordLists(v) {
			for _, e := range list {
				if rec, ok := e.(map[string]any); ok {
					delete(rec, name)
				}
			}
		}
		a.Body, _ = json.Marshal(v)
	}}
}

func decode(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return d.Decode(v)
}

func editJSON(a *Answer, edit func(map[string]any)) {
	var m map[string]any
	if decode(a.Body, &m) == nil {
		edit(m)
		a.Body, _ = json.Marshal(m)
	}
}

// recordLists finds the arrays of records: the body itself or those at its top level.
func recordLists(v any) [][]any {
	switch v := v.(type) {
	case []any:
		return [][]any{v}
	case map[string]any:
		var out [][]any
		for _, x := range v {
			if list, ok := x.([]any); ok {
				out = append(out, list)
			}
		}
		return out
	default:
		return nil
	}
}

func swapTypes(rec map[string]any) {
	for k, x := range rec {
		switch x := x.(type) {
		case string:
			rec[k] = json.Number("7")
		case json.Number:
			rec[k] = "seven " + url.QueryEscape(x.String())
		}
	}
}
