package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rightseat/rightseat/internal/jsonraw"
)

// Many vendors answer 200 and say in the reply that it failed: Slack's ok: false, Duo's stat: FAIL, an error beside
// the rows that came before it broke (Graph), errors beside data (GraphQL), a status of error. signs knows the usual
// names at the top of a reply, in lower case and without underscores, each with what it must hold to mean an error. A
// manifest adds its vendor's own (errors.ok_field, errors.also) and takes back what is normal there (errors.normal). Where it
// says that codes and words of errors stand, and which header holds them, is a sign as well.
var signs = map[string]func(value []byte) bool{
	"ok": isNo, "success": isNo, "succeeded": isNo, "issuccess": isNo,
	"stat": saysFailed, "status": saysFailed,
	"error": saysSomething, "errors": saysSomething, "errorcode": saysSomething, "errormessage": saysSomething,
	"fault": saysSomething, "faults": saysSomething, "exception": saysSomething,
	"iserror": isYes, "haserror": isYes, "haserrors": isYes,
	"incompleteresults": isYes, "timedout": isYes, "partial": isYes,
}

// refused tells whether a reply with status 200 is an error all the same. A reply that is itself a record may
// well have a status or an error code of its own: there only what no record has counts.
func (w *words) refused(h http.Header, body []byte, shape *Shape) bool {
	if w.inHeaders(h) != "" {
		return true
	}
	if jsonraw.Kind(body) != '{' {
		return false
	}
	if w.ok != nil {
		if v, found := w.ok.Lookup(body); found && isNo(v) {
			return true
		}
	}
	for _, p := range w.also {
		if v, found := p.Lookup(body); found && saysSomething(v) {
			return true
		}
	}
	asRecord, own := shape.records.IsRoot(), shape.recordsName()
	if !asRecord && w.saysCode(body, own) {
		return true
	}
	refused, says, hasID := false, false, false
	// What is no JSON is told by whoever decodes the page.
	_ = jsonraw.Members(body, func(key, value []byte) error {
		name, _ := jsonraw.Text(key)
		sign := signs[strings.ReplaceAll(strings.ToLower(name), "_", "")]
		hasID = hasID || strings.EqualFold(name, "id")
		if sign == nil || refused || name == own || slices.Contains(w.spec.Normal, name) {
			return nil
		}
		if asRecord && !inAnyReply(name, value) {
			says = says || strings.EqualFold(name, "error") && sign(value)
			return nil
		}
		refused = sign(value)
		return nil
	})
	// A reply that says no more than an error, and not whose, is no record.
	return refused || says && !hasID
}

// saysCode tells whether a list has an error's code where the manifest says that codes stand. What is known among the signs, the
// records and what is normal with the vendor have meanings of their own.
func (w *words) saysCode(body []byte, own string) bool {
	for i, p := range w.code {
		name := w.spec.Code[i]
		if name == own || signs[strings.ReplaceAll(strings.ToLower(name), "_", "")] != nil || slices.Contains(w.spec.Normal, name) {
			continue
		}
		if v, found := p.Lookup(body); found && saysSomething(v) && !isWell(v) {
			return true
		}
	}
	return false
}

// isWell tells an HTTP status of success.
func isWell(v []byte) bool {
	text, _ := jsonraw.Text(v)
	n, err := strconv.Atoi(text)
	return err == nil && n >= 200 && n < 300
}

// inAnyReply tells the signs that mean an error even where the reply is one record.
func inAnyReply(name string, value []byte) bool {
	switch strings.ToLower(name) {
	case "ok", "success":
		return true
	case "error", "errors":
		kind := jsonraw.Kind(value)
		return kind == '{' || kind == '['
	}
	return false
}

func isNo(v []byte) bool {
	text, _ := jsonraw.Text(v)
	switch strings.ToLower(text) {
	case "false", "0", "no":
		return true
	}
	return false
}

func isYes(v []byte) bool {
	text, _ := jsonraw.Text(v)
	switch strings.ToLower(text) {
	case "true", "1", "yes":
		return true
	}
	return false
}

// saysSomething tells whether a value where errors stand is one: nothing, no, 0 and whatever holds only such are not.
func saysSomething(v []byte) bool {
	found := false
	switch jsonraw.Kind(v) {
	case 0, 'n', 'f':
		return false
	case '[':
		_ = jsonraw.Elements(v, func(e []byte) error { found = found || saysSomething(e); return nil })
		return found
	case '{':
		_ = jsonraw.Members(v, func(_, e []byte) error { found = found || saysSomething(e); return nil })
		return found
	}
	text, _ := jsonraw.Text(v)
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "0", "false", "no", "none", "null", "ok", "success", "200":
		return false
	}
	return true
}

// saysFailed reads a status: a word, an HTTP status, or an object with either (OneLogin).
func saysFailed(v []byte) bool {
	if jsonraw.Kind(v) == '{' {
		failed := false
		_ = jsonraw.Members(v, func(key, e []byte) error {
			switch name, _ := jsonraw.Text(key); strings.ToLower(name) {
			case "error":
				failed = failed || saysSomething(e)
			case "code", "type", "status":
				failed = failed || jsonraw.Kind(e) != '{' && saysFailed(e)
			}
			return nil
		})
		return failed
	}
	text, _ := jsonraw.Text(v)
	if n, err := strconv.Atoi(text); err == nil {
		return n >= 400 && n < 600
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "error", "err", "fail", "failed", "failure", "fault", "not ok", "nok", "partial", "partial_failure", "timeout", "unavailable":
		return true
	}
	return false
}
