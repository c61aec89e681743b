package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/excerpt"
	"github.com/rightseat/rightseat/internal/jsonraw"
)

// Error is a refusal by the vendor. Its text holds no secrets.
type Error struct {
	Status      int    // HTTP status
	Code        string // the vendor's own code; may be empty
	Message     string // the vendor's words; may be empty
	Method      string
	Path        string   // without the query
	Hint        string   // what to do, from the manifest; may be empty
	Permissions []string // on 401 and 403: what the stream needs
	// Own tells that the reply has the shape of the vendor's own refusals; a page of a proxy's or a gateway's
	// has not.
	Own bool

	retryAfter time.Duration // -1 when not said
	later      bool          // the vendor's code means "later"
}

func (e *Error) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s %s: %d", e.Method, e.Path, e.Status)
	if e.InReply() {
		s.WriteString(", but the reply says that it failed")
	} else if text := http.StatusText(e.Status); text != "" {
		s.WriteString(" " + text)
	}
	if e.Message != "" {
		s.WriteString(": " + e.Message)
	}
	if e.Code != "" {
		s.WriteString(" (" + e.Code + ")")
	}
	if len(e.Permissions) > 0 {
		s.WriteString("; the stream needs " + strings.Join(e.Permissions, ", "))
	}
	switch {
	case e.Hint != "":
		s.WriteString("; " + e.Hint)
	case e.Status == http.StatusUnauthorized:
		s.WriteString("; check the connection's auth: the credentials were not accepted")
	}
	return s.String()
}

// InReply tells of an error that came with a status of success: the reply itself says so.
func (e *Error) InReply() bool { return e.Status >= 200 && e.Status < 300 }

// StatusOf gives the HTTP status of a vendor's refusal anywhere in err's chain, else 0.
func StatusOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// OwnRefusal gives the vendor's own refusal in err's chain; nil when there is none, or when it came from
// somebody between the vendor and us.
func OwnRefusal(err error) *Error {
	var e *Error
	if errors.As(err, &e) && e.Own && !errors.As(err, new(*signInError)) {
		return e
	}
	return nil
}

// IsVendorFailing tells whether err is of a vendor, or a way to it, that is in trouble: other requests
// are likely to fail too, and later ones to succeed.
func IsVendorFailing(err error) bool {
	return StatusOf(err) >= 500 || StatusOf(err) == http.StatusRequestTimeout || errors.As(err, new(*netError))
}

// IsNetwork tells a failure below HTTP: a connection lost, a time-out, a body cut short.
func IsNetwork(err error) bool { return StatusOf(err) == 0 && errors.As(err, new(*netError)) }

// IsAboutOneList tells whether err may concern one list alone, so that others are worth asking for: a
// refusal, a reply that is no page, a link that leads elsewhere, paging without end, or a request that failed time and again. Not so
// credentials that are refused, a budget that is used up, or a host that can't be reached.
func IsAboutOneList(err error) bool {
	if errors.As(err, new(*WaitError)) || errors.As(err, new(*signInError)) || IsUnreachable(err) {
		return false
	}
	if status := StatusOf(err); status != 0 {
		return status != http.StatusUnauthorized && status != http.StatusTooManyRequests
	}
	return errors.Is(err, errTooLarge) || errors.As(err, new(*PageError)) || errors.As(err, new(*LoopError)) || errors.As(err, new(*UnwholeError)) || errors.As(err, new(*linkError)) ||
		errors.As(err, new(*netError)) && !errors.Is(err, context.Canceled)
}

// PageError is a reply that is not the page asked for: cut short, not JSON, of another shape.
type PageError struct {
	Method, Path string
	ContentType  string
	Got          string // the first bytes
	Err          error
}

func (e *PageError) Error() string {
	return fmt.Sprintf("%s %s: not the expected page: %v; got %s starting with %q", e.Method, e.Path, e.Err, e.ContentType, e.Got)
}

func (e *PageError) Unwrap() error { return e.Err }

// LoopError is a list that does not get on: the next page is one that was already read.
type LoopError struct {
	Method, Path, What string
}

func (e *LoopError) Error() string {
	return fmt.Sprintf("%s %s: the vendor's paging goes in circles: %s", e.Method, e.Path, e.What)
}

// UnwholeError is a list that was read to its end and is not whole all the same: the vendor counts more records
// than it gave, or records moved while it was read, each time anew.
type UnwholeError struct {
	Method, Path, What string
}

func (e *UnwholeError) Error() string {
	return fmt.Sprintf("%s %s: the list is not whole: %s", e.Method, e.Path, e.What)
}

// linkError is an address of the vendor's that can't or must not be asked: of a list's next page, or of a redirect.
type linkError struct {
	method, path string
	err          error
}

func (e *linkError) Error() string { return fmt.Sprintf("%s %s: %v", e.method, e.path, e.err) }
func (e *linkError) Unwrap() error { return e.err }

// netError is a failure below HTTP: no connection, a time-out, a body cut short.
type netError struct {
	method, path string
	setting      string // that says where the host is
	err          error
}

func (e *netError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.method, e.path, unreachable(e.err, cmp.Or(e.setting, "base_url")))
}
func (e *netError) Unwrap() error { return e.err }

// IsUnreachable tells whether err is of a host with which no connection came about: every other
// request to it would fail the same way.
func IsUnreachable(err error) bool {
	var network *netError
	if !errors.As(err, &network) {
		return false
	}
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) || errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || isUntrusted(err)
}

// unreachable says in a person's words why a host could not be reached, and which setting to look at; other failures keep
// their own text.
func unreachable(err error, setting string) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("there is no host called %s; check %s, or this machine's DNS", dns.Name, setting)
	case errors.As(err, &op) && op.Op == "dial" && op.Addr != nil && errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nobody listens at %s (connection refused); check %s", op.Addr, setting)
	case errors.As(err, &op) && op.Op == "dial" && op.Addr != nil && op.Timeout():
		return fmt.Sprintf("no answer from %s in time; check %s, the proxy and the firewall", op.Addr, setting)
	}
	return err.Error()
}

// bare takes the URL, whose query may hold what nobody should see, out of an error of net/http.
func bare(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

// permanent tells failures that trying again cannot mend.
func permanent(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, errSlow) || isUntrusted(err)
}

// isUntrusted tells failures to trust the host's certificate.
func isUntrusted(err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	return errors.As(err, &unknown) || errors.As(err, &host) ||
		errors.As(err, &invalid) || errors.As(err, &verify)
}

// words finds the vendor's message and code in an error reply, which need not be JSON.
type words struct {
	spec          manifest.Errors
	message, code []jsonraw.Path
	ok            *jsonraw.Path
	also          []jsonraw.Path
}

func newWords(spec manifest.Errors) (*words, error) {
	w := &words{spec: spec}
	var err error
	if w.message, err = parsePaths(spec.Message); err != nil {
		return nil, fmt.Errorf("errors.message: %w", err)
	}
	if w.code, err = parsePaths(spec.Code); err != nil {
		return nil, fmt.Errorf("errors.code: %w", err)
	}
	if w.also, err = parsePaths(spec.Also); err != nil {
		return nil, fmt.Errorf("errors.also: %w", err)
	}
	if spec.OKField != "" {
		p, err := jsonraw.ParsePath(spec.OKField)
		if err != nil {
			return nil, fmt.Errorf("errors.ok_field: %w", err)
		}
		w.ok = &p
	}
	return w, nil
}

func parsePaths(texts []string) ([]jsonraw.Path, error) {
	paths := make([]jsonraw.Path, 0, len(texts))
	for _, t := range texts {
		p, err := jsonraw.ParsePath(t)
		if err != nil {
			return nil, err
		}
		paths = append(paths, p)
	}
	return paths, nil
}

// usual are the places where APIs put their words when a manifest names none.
var usual = mustPaths("message", "error_description", "error.message", "errors.0.message", "errors.0.detail", "detail", "error", "errors.0", "errorSummary")

func mustPaths(texts ...string) []jsonraw.Path {
	paths, err := parsePaths(texts)
	if err != nil {
		panic(err) // the paths are constants of this file
	}
	return paths
}

func (w *words) read(body []byte) (message, code string) {
	body = bytes.TrimSpace(body)
	if jsonraw.Check(body) != nil {
		if bytes.HasPrefix(body, []byte("<")) {
			return "an HTML page instead of the API's answer", ""
		}
		return string(body[:min(len(body), searched)]), ""
	}
	message = firstText(body, append(slices.Clone(w.message), usual...))
	if message == "" && len(body) > 2 {
		message = string(body[:min(len(body), searched)])
	}
	return message, firstText(body, w.code)
}

// inHeaders gives what the vendor says in a header.
func (w *words) inHeaders(h http.Header) string {
	for _, name := range w.spec.MessageHeader {
		if text := h.Get(name); strings.TrimSpace(text) != "" {
			return text
		}
	}
	return ""
}

// own tells whether a reply has the shape of the vendor's own refusals: JSON with a code where the manifest
// says where codes stand, else with a message.
func (w *words) own(body []byte) bool {
	body = bytes.TrimSpace(body)
	if jsonraw.Check(body) != nil {
		return false
	}
	switch {
	case len(w.code) > 0:
		return firstText(body, w.code) != ""
	case len(w.message) > 0:
		return firstText(body, w.message) != ""
	}
	return firstText(body, usual) != ""
}

func firstText(body []byte, paths []jsonraw.Path) string {
	for _, p := range paths {
		if s, ok := p.Text(body); ok && s != "" {
			return s
		}
	}
	return ""
}

// shown is foreign text for a message: without secrets, which are taken out before it is cut, and of at most so many
// characters.
func (c *Client) shown(text string, most int) string {
	return excerpt.Line(c.redact(text[:min(len(text), searched)]), most)
}

// searched is how much of a foreign text is looked through for secrets: far more than is shown.
const searched = 64 << 10

// refusal makes the error of a reply.
func (c *Client) refusal(req *Request, status int, h http.Header, body []byte) *Error {
	message, code := c.words.read(body)
	if words := c.words.inHeaders(h); words != "" {
		message = words
	}
	if code != "" && slices.Contains(c.words.spec.ForbiddenCodes, code) { // some vendors answer 400
		status = http.StatusForbidden
	}
	e := &Error{
		Status: status, Code: c.shown(code, excerpt.Most), Message: c.shown(message, excerpt.Most), Method: req.Method, Path: c.pathOf(req.URL),
		Own: c.words.own(body) || c.words.inHeaders(h) != "", retryAfter: -1, later: code != "" && slices.Contains(c.words.spec.RetryCodes, code),
	}
	if d, ok := readRetryAfter(h, c.clock.Now()); ok {
		e.retryAfter = d
	}
	for _, key := range []string{code, strconv.Itoa(status)} {
		if hint, ok := c.words.spec.Hints[key]; ok && key != "" {
			e.Hint = hint
			break
		}
	}
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		e.Permissions = Permissions(c.manifest, req.Stream)
	}
	return e
}

// Permissions are what a stream needs, in the vendor's words.
func Permissions(m *manifest.Manifest, stream string) []string {
	var names []string
	for _, p := range m.Permissions {
		if len(p.Streams) == 0 || slices.Contains(p.Streams, stream) {
			names = append(names, p.Name)
		}
	}
	return names
}
