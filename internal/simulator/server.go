package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rightseat/rightseat/internal/clock"
)

// The vendors that are served.
const (
	Okta     = "okta"
	Entra    = "entra_id"
	Zoom     = "zoom"
	BambooHR = "bamboohr"
	Netskope = "netskope"
	Ramp     = "ramp"
	Ironclad = "ironclad"
)

// Vendors lists them in a fixed order.
var Vendors = []string{Okta, Entra, Zoom, BambooHR, Netskope, Ramp, Ironclad}

// ServerOptions change how the vendors behave. The zero value is the demo's.
type ServerOptions struct {
	// Faults is asked before each answer, with the vendor and the running number (from 1) of its
	// request; nil from it means that the vendor answers as usual. It is called concurrently.
	Faults func(vendor string, n int, r *http.Request) *Fault
	// ThrottleEvery answers every n-th request of a vendor with 429 in the vendor's way; the next
	// one passes. Default 397; negative: never. Token requests are spared.
	ThrottleEvery int
	// BookmarkFile keeps the positions of Netskope's iterators between processes; empty: in memory.
	BookmarkFile string
	// NamedHosts makes URL (and so Config) give http://okta-simulated instead of
	// http://127.0.0.1:PORT, so that addresses stored as cursors survive the process. Requests to
	// such names must go through [Servers.Transport].
	NamedHosts bool
}

// Servers are the vendors' APIs on loopback, one port each. "Now" is the clock's.
type Servers struct {
	org     *Org
	clock   clock.Clock
	opts    ServerOptions
	vendors map[string]*vendorServer
}

type vendorServer struct {
	name     string
	api      api
	handler  http.Handler
	server   *http.Server
	listener net.Listener
	requests atomic.Int64
	statuses sync.Map // status code → *atomic.Int64
}

// api is one vendor's behaviour. Its routes answer requests that passed authorised.
type api interface {
	// prefix is the path of the API's base URL.
	prefix() string
	routes(rt router)
	// open reports whether the request needs no credentials: token endpoints check their own.
	open(r *http.Request) bool
	// authorised answers the request with the vendor's error and returns false if it may not pass.
	authorised(w http.ResponseWriter, r *http.Request) bool
	// fail answers with the vendor's error body for the status: 404, 405 or 429.
	fail(w http.ResponseWriter, r *http.Request, status int)
}

// router registers an API's endpoints.
type router struct{ mux *http.ServeMux }

func (rt router) handle(method, path string, h http.HandlerFunc) {
	rt.mux.HandleFunc(method+" "+path, h)
}

// unknown answers what no endpoint takes: 405 where another method would do, else 404.
func (rt router) unknown(a api) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := rt.mux.Handler(other); pattern != "/" {
				a.fail(w, r, http.StatusMethodNotAllowed)
				return
			}
		}
		a.fail(w, r, http.StatusNotFound)
	}
}

// Start serves the organisation. Close ends it.
func Start(org *Org, clk clock.Clock, opts ServerOptions) (*Servers, error) {
	if opts.ThrottleEvery == 0 {
		opts.ThrottleEvery = 397
	}
	s := &Servers{org: org, clock: clk, opts: opts, vendors: map[string]*vendorServer{}}
	bookmarks, err := openBookmarks(opts.BookmarkFile)
	if err != nil {
		return nil, err
	}
	apis := map[string]api{
		Okta:     &oktaAPI{base: s.base(Okta)},
		Entra:    &entraAPI{base: s.base(Entra), tokens: newTokens(s, Entra)},
		Zoom:     &zoomAPI{base: s.base(Zoom), tokens: newTokens(s, Zoom)},
		BambooHR: &bambooAPI{base: s.base(BambooHR)},
		Netskope: &netskopeAPI{base: s.base(Netskope), bookmarks: bookmarks},
		Ramp:     &rampAPI{base: s.base(Ramp), tokens: newTokens(s, Ramp)},
		Ironclad: &ironcladAPI{base: s.base(Ironclad), tokens: newTokens(s, Ironclad)},
	}
	for _, name := range Vendors {
		v := &vendorServer{name: name, api: apis[name]}
		v.handler = s.handler(v)
		if v.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, errors.Join(fmt.Errorf("serving %s: %w", name, err), s.Close())
		}
		v.server = &http.Server{Handler: v.handler, ReadHeaderTimeout: 10 * time.Second}
		s.vendors[name] = v
		go func() { _ = v.server.Serve(v.listener) }() // always ErrServerClosed, after Close
	}
	return s, nil
}

// Close ends the servers and their connections.
func (s *Servers) Close() error {
	var errs []error
	for _, v := range s.vendors {
		if v.server != nil {
			errs = append(errs, v.server.Close())
		}
	}
	return errors.Join(errs...)
}

// URL is the base URL of a vendor's API, for settings.base_url.
func (s *Servers) URL(vendor string) string {
	v := s.vendors[vendor]
	host := v.listener.Addr().String()
	if s.opts.NamedHosts {
		host = hostName(vendor)
	}
	return "http://" + host + v.api.prefix()
}

// hostName has no dot, as names of hosts in one's own network have none: clients that want
// https on the open network take it.
func hostName(vendor string) string { return strings.ReplaceAll(vendor, "_", "-") + "-simulated" }

// Transport reaches the servers by their names as well as by their addresses.
func (s *Servers) Transport() *http.Transport {
	addrs := map[string]string{}
	for name, v := range s.vendors {
		addrs[hostName(name)+":80"] = v.listener.Addr().String()
	}
	var d net.Dialer
	return &http.Transport{
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     30 * time.Second,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if a, ok := addrs[addr]; ok {
				addr = a
			}
			return d.DialContext(ctx, network, addr)
		},
	}
}

// Requests is how many requests a vendor has answered.
func (s *Servers) Requests(vendor string) int { return int(s.vendors[vendor].requests.Load()) }

// Responses is how many answers of a vendor had the status.
func (s *Servers) Responses(vendor string, status int) int {
	if c, ok := s.vendors[vendor].statuses.Load(status); ok {
		return int(c.(*atomic.Int64).Load())
	}
	return 0
}

// Handler is a vendor's API without the network.
func (s *Servers) Handler(vendor string) http.Handler { return s.vendors[vendor].handler }

// handler counts, injects faults, throttles and checks credentials before the API's routes.
func (s *Servers) handler(v *vendorServer) http.Handler {
	mux := http.NewServeMux()
	rt := router{mux: mux}
	v.api.routes(rt)
	mux.HandleFunc("/", rt.unknown(v.api))
	var throttled atomic.Int64
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v.api.open(r) {
			mux.ServeHTTP(w, r)
			return
		}
		if every := int64(s.opts.ThrottleEvery); every > 0 && throttled.Add(1)%every == 0 {
			v.api.fail(w, r, http.StatusTooManyRequests)
			return
		}
		if v.api.authorised(w, r) {
			mux.ServeHTTP(w, r)
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(v.requests.Add(1))
		cw := &countingWriter{ResponseWriter: w, v: v}
		defer cw.count()
		if s.opts.Faults != nil {
			if f := s.opts.Faults(v.name, n, r); f != nil {
				f.serve(cw, r, answer)
				return
			}
		}
		answer.ServeHTTP(cw, r)
	})
}

// countingWriter remembers the status.
type countingWriter struct {
	http.ResponseWriter
	v      *vendorServer
	status int
}

func (w *countingWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *countingWriter) count() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	c, _ := w.v.statuses.LoadOrStore(w.status, new(atomic.Int64))
	c.(*atomic.Int64).Add(1)
}

// base is what every vendor's API needs.
type base struct {
	*Org
	vendor string
	clock  clock.Clock
}

func (s *Servers) base(vendor string) base { return base{Org: s.org, vendor: vendor, clock: s.clock} }

func (b base) now() time.Time { return b.clock.Now() }

// serverDate is the Date header: the vendors live in simulated time.
func (b base) serverDate(w http.ResponseWriter) {
	w.Header().Set("Date", b.now().Format(http.TimeFormat))
}

// send answers with a JSON body.
func (b base) send(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil { // nothing here fails to marshal
		panic(err)
	}
	b.sendBytes(w, status, data)
}

func (b base) sendBytes(w http.ResponseWriter, status int, data []byte) {
	b.serverDate(w)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Content-Length", fmt.Sprint(len(data)))
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client is gone: nothing to do about it
}

// sendArray answers with a JSON array of rendered elements.
func (b base) sendArray(w http.ResponseWriter, elements [][]byte) {
	b.sendBytes(w, http.StatusOK, joinArray(elements))
}

func joinArray(elements [][]byte) []byte {
	n := 2
	for _, e := range elements {
		n += len(e) + 1
	}
	out := make([]byte, 0, n)
	out = append(out, '[')
	for i, e := range elements {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, e...)
	}
	return append(out, ']')
}
