package extract

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
)

// streamsAtOnce is how many streams of one connection are read side by side.
const streamsAtOnce = 2

// connection reads one HTTP connection. It implements [Reader].
type connection struct {
	extractor *Extractor
	conf      config.Connection
	manifest  *manifest.Manifest
	settings  map[string]string
	client    *httpapi.Client
	plans     []*plan             // parents before children
	leaveOut  map[string][]string // by stream, parents that are not asked for
	clock     clock.Clock
	log       *slog.Logger
}

// newConnection makes a connection ready to be read. It makes no request.
func (x *Extractor) newConnection(conf config.Connection, m *manifest.Manifest, limiters *httpapi.Limiters, shared *accounts) (*connection, error) {
	c := &connection{extractor: x, conf: conf, manifest: m, clock: x.clock(), log: x.log().With("connection", conf.Name)}
	var err error
	if c.settings, err = resolveSettings(m, conf.Settings); err != nil {
		return nil, err
	}
	var problem string
	if c.leaveOut, problem = manifest.LeftOut(conf.Settings[manifest.LeaveOut]); problem != "" {
		return nil, fmt.Errorf("settings.%s: %s", manifest.LeaveOut, problem)
	}
	given := text(conf.Settings["base_url"])
	defaultBase, _ := resolveSettings(m, nil) // a missing required setting does not matter here
	c.client, err = httpapi.New(httpapi.Config{
		Manifest: m, BaseURL: c.settings["base_url"],
		BaseMoved: given != "" && strings.TrimRight(given, "/") != strings.TrimRight(defaultBase["base_url"], "/"),
		TokenURL:  text(conf.Settings["token_url"]), Auth: conf.Auth, Vars: c.authVars,
		Secrets: x.Config.Secrets, Limiters: limiters, Clock: c.clock, Transport: shared.transport, Memory: shared.memory, Log: c.log,
		MaxWait: shared.maxWait(x), Brief: shared.brief, MaxBody: x.MaxPageBytes, TempDir: x.Config.Resources.TempDir,
	})
	if err != nil {
		return nil, err
	}
	c.plans, err = newPlans(m, c.client.Base())
	return c, err
}

// resolveSettings fills in the manifest's defaults, which may refer to other settings.
func resolveSettings(m *manifest.Manifest, given map[string]any) (map[string]string, error) {
	out := map[string]string{}
	for key, v := range given {
		out[key] = text(v)
	}
	var missing []string
	var resolve func(key string, depth int) (string, bool)
	resolve = func(key string, depth int) (string, bool) {
		if v, ok := out[key]; ok && v != "" {
			return v, true
		}
		s, ok := m.Settings[key]
		if !ok || depth > len(m.Settings) {
			return "", ok
		}
		v, err := httpapi.Expand(s.Default, func(name string) (string, bool) {
			other, isSetting := strings.CutPrefix(name, "settings.")
			if !isSetting {
				return "", false
			}
			return resolve(other, depth+1)
		}, manifest.Plain)
		if err != nil {
			return "", false
		}
		return v, true
	}
	for key, s := range m.Settings {
		v, _ := resolve(key, 0)
		if v == "" && s.Required {
			missing = append(missing, "settings."+key)
		}
		out[key] = v
	}
	for _, key := range []string{"base_url", "start_date", "token_url"} { // every connector has these
		out[key] += ""
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return out, fmt.Errorf("connector %s needs %s", m.Name, strings.Join(missing, ", "))
	}
	return out, nil
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return strings.TrimSpace(fmt.Sprint(v))
}

// vars are the names that a stream's templates can use.
func (c *connection) vars(name string) (string, bool) {
	if key, ok := strings.CutPrefix(name, "settings."); ok {
		v, known := c.settings[key]
		return v, known
	}
	org := c.extractor.Config.Organisation
	switch name {
	case "org.name":
		return org.Name, true
	case "org.timezone":
		if org.Timezone == nil {
			return "UTC", true
		}
		return org.Timezone.String(), true
	}
	return "", false
}

// authVars are vars and the connection's secrets. A key that the connection does not give is empty.
func (c *connection) authVars(name string) (string, bool) {
	if key, ok := strings.CutPrefix(name, "auth."); ok {
		return c.conf.Auth[key].Reveal(), true
	}
	return c.vars(name)
}

// startDate is settings.start_date: how far back windowed streams go at first. Zero when not given.
func (c *connection) startDate() (time.Time, error) {
	s := text(c.conf.Settings["start_date"])
	if s == "" {
		return time.Time{}, nil
	}
	t, err := parseTime(s, "")
	if err != nil {
		return time.Time{}, fmt.Errorf("settings.start_date: expected a date such as 2026-01-31: %w", err)
	}
	return t, nil
}

// date is the day of an instant in the organisation's time zone, YYYY-MM-DD.
func (c *connection) date(t time.Time) string {
	zone := c.extractor.Config.Organisation.Timezone
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format(time.DateOnly)
}

func (c *connection) redact(s string) string { return c.extractor.Config.Secrets.Redact(s) }

func (c *connection) redactErr(err error) error { return c.extractor.Config.Secrets.Error(err) }

func (c *connection) progress(p *plan, rows, pages int64, done bool) {
	if c.extractor.Progress != nil {
		c.extractor.Progress.Stream(c.conf.Name, p.spec.Name, rows, pages, done)
	}
}

// selected are the streams that a request asks for, with the parents they need, in order.
func (c *connection) selected(req Request) []*plan {
	backfill := !req.From.IsZero()
	want := map[*plan]bool{}
	for _, p := range c.plans {
		if len(req.Streams) > 0 && !slices.Contains(req.Streams, p.spec.Name) || backfill && p.isSnapshot() {
			continue
		}
		for at := p; at != nil; at = at.parent {
			want[at] = !backfill || !at.isSnapshot()
		}
	}
	return slices.DeleteFunc(slices.Clone(c.plans), func(p *plan) bool { return !want[p] })
}

// Read implements [Reader].
func (c *connection) Read(ctx context.Context, req Request) ([]StreamResult, error) {
	plans := c.selected(req)
	results := make([]StreamResult, len(plans))
	finished := make(map[*plan]chan struct{}, len(plans))
	states := make(map[*plan]*outcome, len(plans))
	for _, p := range plans {
		finished[p] = make(chan struct{})
		states[p] = &outcome{}
	}
	var g errgroup.Group
	// Parents come before their children, so those that run never wait for one that does not.
	g.SetLimit(streamsAtOnce)
	for i, p := range plans {
		g.Go(func() error {
			defer close(finished[p])
			var parent *outcome
			if ch, ok := finished[p.parent]; ok {
				<-ch
				parent = states[p.parent]
			}
			results[i] = c.readStream(ctx, p, req, parent, states[p])
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return c.inOrder(plans, results), nil
}

// inOrder puts results into the manifest's order.
func (c *connection) inOrder(plans []*plan, results []StreamResult) []StreamResult {
	out := make([]StreamResult, len(c.manifest.Streams))
	for i, p := range plans {
		out[p.order] = results[i]
	}
	return slices.DeleteFunc(out, func(r StreamResult) bool { return r.Stream == "" })
}
