package extract

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/secret"
)

const (
	defaultConcurrency = 4
	defaultCommitBytes = 64 << 20
	defaultCommitEvery = 30 * time.Second
	// checksAtOnce is how many connections are checked at once: most of it is waiting.
	checksAtOnce = 16
	// briefWait is how long a check waits when a vendor asks it to.
	briefWait = 10 * time.Second
)

// Run extracts what the request asks for. Connections are read side by side; one that fails
// does not stop the others, its streams say so in the report. The error is for a request that
// makes no sense; when ctx ends, streams stop behind their current page and report incomplete.
func (x *Extractor) Run(ctx context.Context, req Request) (*Report, error) {
	if err := x.validate(req); err != nil {
		return nil, err
	}
	return x.each(ctx, req, orDefault(x.Concurrency, defaultConcurrency), false, func(ctx context.Context, r Reader) ([]StreamResult, error) { return r.Read(ctx, req) })
}

// Check asks every connection that is not disconnected for one page of each stream and
// writes nothing. It answers within seconds: what fails is tried once more at most, and a host that
// cannot be reached is told of once, by a result without a stream.
func (x *Extractor) Check(ctx context.Context) (*Report, error) {
	return x.each(ctx, Request{}, checksAtOnce, true, func(ctx context.Context, r Reader) ([]StreamResult, error) { return r.Check(ctx) })
}

func (x *Extractor) validate(req Request) error {
	if req.From.IsZero() != req.To.IsZero() || !req.From.IsZero() && !req.From.Before(req.To) {
		return errors.New("a range to extract needs both a beginning and a later end")
	}
	for _, name := range req.Connections {
		if !slices.ContainsFunc(x.Config.Connections, func(c config.Connection) bool { return c.Name == name }) {
			return fmt.Errorf("there is no connection %q", name)
		}
	}
	return nil
}

// each works off the connections, several at once; brief leaves out long waits.
func (x *Extractor) each(ctx context.Context, req Request, atOnce int, brief bool, do func(context.Context, Reader) ([]StreamResult, error)) (*Report, error) {
	if x.Config.Secrets == nil {
		x.Config.Secrets = &secret.Redactor{}
	}
	if dir := x.Config.Resources.TempDir; dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the folder for temporary files: %w", err)
		}
	}
	var conns []config.Connection
	for _, c := range x.Config.Connections {
		if c.DisconnectedOn == "" && (len(req.Connections) == 0 || slices.Contains(req.Connections, c.Name)) {
			conns = append(conns, c)
		}
	}
	slices.SortFunc(conns, func(a, b config.Connection) int { return strings.Compare(a.Name, b.Name) })
	results := make([][]StreamResult, len(conns))
	accounts := &accounts{brief: brief, limiters: map[string]*httpapi.Limiters{}, transport: x.Transport, memory: httpapi.NewMemory(httpapi.DefaultLargePages)}
	if x.Transport == nil {
		own := httpapi.NewTransport()
		if brief {
			own = httpapi.NewBriefTransport()
		}
		defer own.CloseIdleConnections()
		accounts.transport = own
	}
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, conf := range conns {
		g.Go(func() error {
			results[i] = x.one(ctx, conf, accounts, do)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return &Report{Streams: slices.Concat(results...)}, nil
}

// one reads one connection; what stops all of it is told by each of its streams.
func (x *Extractor) one(ctx context.Context, conf config.Connection, accounts *accounts, do func(context.Context, Reader) ([]StreamResult, error)) []StreamResult {
	reader, m, err := x.reader(conf, accounts)
	var results []StreamResult
	if err == nil {
		results, err = do(ctx, reader)
	}
	if err == nil {
		return results
	}
	err = x.Config.Secrets.Error(fmt.Errorf("connection %s: %w", conf.Name, err))
	x.log().Error("a connection could not be read", "connection", conf.Name, "error", err.Error())
	failed := StreamResult{Connection: conf.Name, Connector: conf.Connector, State: StreamFailed, Err: err, Error: err.Error()}
	if m == nil {
		return append(results, failed)
	}
	for _, s := range m.Streams {
		if slices.ContainsFunc(results, func(r StreamResult) bool { return r.Stream == s.Name }) {
			continue
		}
		failed.Connector, failed.Stream, failed.Kind = m.Name, s.Name, s.Kind
		results = append(results, failed)
	}
	return results
}

func (x *Extractor) reader(conf config.Connection, accounts *accounts) (Reader, *manifest.Manifest, error) {
	if conf.Connector == config.FileConnector {
		if x.FileReader == nil {
			return nil, nil, errors.New("this build reads no files")
		}
		return x.FileReader(conf), nil, nil
	}
	if x.Lookup == nil {
		return nil, nil, fmt.Errorf("connector %q is not known", conf.Connector)
	}
	m, err := x.Lookup(conf.Connector)
	if err != nil {
		return nil, nil, err
	}
	limiters, err := accounts.of(x, conf, m)
	if err != nil {
		return nil, m, err
	}
	c, err := x.newConnection(conf, m, limiters, accounts)
	if err != nil {
		return nil, m, err
	}
	return c, m, nil
}

// accounts shares request budgets between connections that ask the same account, and the
// transport and the memory for pages between all.
type accounts struct {
	brief     bool
	transport http.RoundTripper
	memory    *httpapi.Memory
	mu        sync.Mutex
	limiters  map[string]*httpapi.Limiters
}

func (a *accounts) of(x *Extractor, conf config.Connection, m *manifest.Manifest) (*httpapi.Limiters, error) {
	key := m.Name + accountOf(conf)
	a.mu.Lock()
	defer a.mu.Unlock()
	if l, ok := a.limiters[key]; ok {
		return l, nil
	}
	share, problem := a.share(x, conf)
	if problem != "" {
		return nil, fmt.Errorf("settings.%s: %s", manifest.RateShare, problem)
	}
	l, err := httpapi.NewLimiters(m.Limits, x.clock(), a.maxWait(x), share)
	if err != nil {
		return nil, fmt.Errorf("connector %s: %w", m.Name, err)
	}
	a.limiters[key] = l
	return l, nil
}

// accountOf tells the account that a connection asks from others of the same connector.
func accountOf(conf config.Connection) string {
	key := "\x00" + text(conf.Settings["base_url"])
	for _, k := range slices.Sorted(maps.Keys(conf.Auth)) {
		key += "\x00" + k + "\x00" + conf.Auth[k].Reveal()
	}
	return key
}

// share is the least share of the account's budget that any connection to it may use.
func (a *accounts) share(x *Extractor, conf config.Connection) (share float64, problem string) {
	share, problem = manifest.Share(conf.Settings)
	for _, other := range x.Config.Connections {
		if other.Connector == conf.Connector && accountOf(other) == accountOf(conf) {
			if s, p := manifest.Share(other.Settings); p == "" {
				share = min(share, s)
			}
		}
	}
	return share, problem
}

// maxWait is the longest single wait that a vendor may ask for.
func (a *accounts) maxWait(x *Extractor) time.Duration {
	most := orDefault(x.MaxWait, httpapi.DefaultMaxWait)
	if a.brief {
		most = min(most, briefWait)
	}
	return most
}

func (x *Extractor) clock() clock.Clock {
	if x.Clock == nil {
		return clock.System{}
	}
	return x.Clock
}

func (x *Extractor) log() *slog.Logger {
	if x.Log == nil {
		return slog.Default()
	}
	return x.Log
}

func (x *Extractor) commitBytes() int64         { return orDefault(x.CommitBytes, defaultCommitBytes) }
func (x *Extractor) commitEvery() time.Duration { return orDefault(x.CommitEvery, defaultCommitEvery) }

func orDefault[T int | int64 | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}
