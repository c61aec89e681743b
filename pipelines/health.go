package pipelines

import (
	"cmp"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

// staleAfterDays is how many days a stream may be behind the as-of date before its numbers
// are marked stale.
const staleAfterDays = 2

// States of a stream in connection_health.
const (
	Connected    = "connected"
	ErrorState   = "error"
	NotConnected = "not_connected"
)

// StreamHealth is how one stream stands, from the newest commit of the lake and the newest
// attempt in the ledger. Times are UTC.
type StreamHealth struct {
	Connection    string     `json:"connection"`
	Connector     string     `json:"connector"`
	Stream        string     `json:"stream"` // empty when the connection was never read
	State         string     `json:"state"`  // connected, error, not_connected
	LastSuccessAt *time.Time `json:"last_success_at"`
	LastAttemptAt *time.Time `json:"last_attempt_at"`
	// Watermark is the instant up to which the stream is complete; nil when it never was.
	Watermark *time.Time `json:"watermark"`
	RowsTotal int64      `json:"rows_total"`
	IsStale   bool       `json:"is_stale"`
	// CountsForExit tells whether being stale makes a run's exit code 3.
	CountsForExit bool   `json:"-"`
	Error         string `json:"error"`
	// Findings are what the newest attempt found in data that was read.
	Findings []extract.Finding `json:"findings,omitempty"`
}

// Warning is the first finding that is more than information, "" when there is none.
func (h StreamHealth) Warning() string {
	for _, f := range h.Findings {
		if f.Severity != "info" {
			return f.Sample
		}
	}
	return ""
}

// Notes are what was understood of the source without having been told: encodings, decimal marks, orders of day and month, header
// rows. Each has its setting.
func (h StreamHealth) Notes() []string {
	notes := []string{}
	for _, f := range h.Findings {
		if f.Severity == "info" && f.Sample != "" {
			notes = append(notes, f.Sample)
		}
	}
	return notes
}

// Lag is how far the watermark is behind now; nil without a watermark.
func (h StreamHealth) Lag(now time.Time) *time.Duration {
	if h.Watermark == nil {
		return nil
	}
	d := now.Sub(*h.Watermark)
	return &d
}

// staleness is the one place that says when a stream is stale.
//
// A stream is behind when its watermark's date, in the organisation's time zone, is more than
// two days before the as-of date, or when it has none. What that means depends on whether the
// source can say how far it is complete at all:
//
//   - an API can: behind is stale, and makes the exit code 3;
//   - files of kinds that are no dated feed (contracts, fx_rates, exempt, benchmarks,
//     allocations) and spend files, which come by the month, are stale until they were read to
//     their end once, and never again;
//   - files of rosters and SSO assignments are snapshots that later dates lean on: behind is
//     stale, and makes the exit code 3;
//   - other files (org_chart, sso_logins, engagement, network): behind is stale, so that the
//     numbers say so, but an uploaded file of events cannot say how far it is complete and
//     an org chart changes when it changes: no exit code.
//
// What a file has of a day is complete up to midnight after it: that instant belongs to the day
// that it ends, as it does in the is_stale of the reports.
//
// loc is the organisation's time zone. asOf is the date, as midnight UTC.
func staleness(connector, stream string, watermark *time.Time, wasComplete bool, asOf time.Time, loc *time.Location) (stale, countsForExit bool) {
	countsForExit = true
	if connector == config.FileConnector {
		switch stream {
		case "contracts", "fx_rates", "exempt", "benchmarks", "allocations", "spend":
			return !wasComplete, !wasComplete
		case "roster", "sso_assignments":
		default:
			countsForExit = false
		}
	}
	if watermark == nil {
		return true, countsForExit
	}
	last := *watermark
	if connector == config.FileConnector {
		last = last.Add(-time.Nanosecond)
	}
	y, m, d := last.In(loc).Date()
	behind := asOf.Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
	return behind > staleAfterDays*24*time.Hour, countsForExit
}

// healthReadRuns bounds how many runs are read to find each stream's newest attempt.
const healthReadRuns = 60

type attempt struct {
	result extract.StreamResult
	at     time.Time
}

// Health tells how every stream of the configuration's connections stands as of a date
// (YYYY-MM-DD), ordered by connection as configured, then by stream. current holds the
// results of a run that is under way; they are newer than the ledger's.
func Health(cfg *config.Config, store *lake.Store, ledger *Ledger, asOf string, current *Run) ([]StreamHealth, error) {
	attempts, err := newestAttempts(ledger, current, time.Time{})
	if err != nil {
		return nil, err
	}
	return health(cfg, store, attempts, asOf)
}

// HealthAt is [Health] as it was at an instant: by the lake of then and the runs that had ended.
func HealthAt(cfg *config.Config, store *lake.Store, ledger *Ledger, asOf string, instant time.Time) ([]StreamHealth, error) {
	attempts, err := newestAttempts(ledger, nil, instant)
	if err != nil {
		return nil, err
	}
	return health(cfg, store.At(instant), attempts, asOf)
}

func health(cfg *config.Config, store *lake.Store, attempts map[string]map[string]attempt, asOf string) ([]StreamHealth, error) {
	date, err := time.Parse(time.DateOnly, asOf)
	if err != nil {
		return nil, fmt.Errorf("as-of date: %w", err)
	}
	var all []StreamHealth
	for _, c := range cfg.Connections {
		hs, err := connectionHealth(c, store, attempts[c.Name], date, cfg.Organisation.Timezone)
		if err != nil {
			return nil, err
		}
		all = append(all, hs...)
	}
	return all, nil
}

// newestAttempts finds, by connection and stream, the newest result that says something
// about the source: a stream that was only interrupted by us says nothing. With until, runs that
// ended later are left out, but not what they forgot.
func newestAttempts(ledger *Ledger, current *Run, until time.Time) (map[string]map[string]attempt, error) {
	found := map[string]map[string]attempt{}
	add := func(r *Run) {
		for _, s := range r.Streams {
			if found[s.Connection] == nil {
				found[s.Connection] = map[string]attempt{}
			}
			if _, ok := found[s.Connection][s.Stream]; ok || r.Status == RunInterrupted && s.State != extract.StreamComplete {
				continue
			}
			at := r.StartedAt
			for _, st := range r.Stages {
				if st.Name == "extract" && st.EndedAt != nil {
					at = *st.EndedAt
				}
			}
			found[s.Connection][s.Stream] = attempt{s, at}
		}
	}
	if current != nil {
		add(current)
	}
	forgotten := map[string]bool{}
	read := 0
	err := ledger.Newest(func(r *Run) bool {
		if r.Command == "forget" {
			for _, c := range r.Connections {
				forgotten[c] = true
			}
		}
		if !until.IsZero() && (r.EndedAt == nil || r.EndedAt.After(until)) {
			return true
		}
		kept := *r
		kept.Streams = nil
		for _, s := range r.Streams {
			if !forgotten[s.Connection] {
				kept.Streams = append(kept.Streams, s)
			}
		}
		add(&kept)
		read++
		return read < healthReadRuns
	})
	return found, err
}

func connectionHealth(c config.Connection, store *lake.Store, attempts map[string]attempt, asOf time.Time, loc *time.Location) ([]StreamHealth, error) {
	streams, err := store.Streams(c.Name)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, s := range streams {
		names[s] = true
	}
	for s := range attempts {
		names[s] = true
	}
	if whole, ok := attempts[""]; ok && attemptedSince(attempts, whole.at) {
		delete(names, "")
	}
	if len(names) == 0 {
		return []StreamHealth{{Connection: c.Name, Connector: c.Connector, State: NotConnected, Error: "never read"}}, nil
	}
	var hs []StreamHealth
	for name := range names {
		var last *attempt
		if a, ok := attempts[name]; ok {
			last = &a
		}
		h, err := streamHealth(c, name, store, last, asOf, loc)
		if err != nil {
			return nil, err
		}
		hs = append(hs, h)
	}
	sort.Slice(hs, func(i, j int) bool { return hs[i].Stream < hs[j].Stream })
	return hs, nil
}

// attemptedSince tells whether any stream was read after a failure of the whole connection.
func attemptedSince(attempts map[string]attempt, at time.Time) bool {
	for name, a := range attempts {
		if name != "" && a.at.After(at) {
			return true
		}
	}
	return false
}

func streamHealth(c config.Connection, name string, store *lake.Store, last *attempt, asOf time.Time, loc *time.Location) (StreamHealth, error) {
	h := StreamHealth{Connection: c.Name, Connector: c.Connector, Stream: name, State: NotConnected}
	if name == "" { // what stopped the whole connection before any stream was known
		h.apply(*last)
		h.IsStale, h.CountsForExit = true, true
		return h, nil
	}
	st, err := store.Stream(c.Name, name)
	if err != nil {
		return h, err
	}
	newest, err := st.Last()
	if err != nil {
		return h, err
	}
	if newest != nil {
		h.State = Connected
		h.RowsTotal = newest.RowsTotal
		h.Watermark = newest.Watermark
		if newest.State == lake.Complete {
			at := newest.CommittedAt.UTC()
			h.LastSuccessAt = &at
		}
	}
	if last != nil {
		h.apply(*last)
	}
	// Until its last date a connection is like any other.
	if on, err := time.Parse(time.DateOnly, c.DisconnectedOn); err == nil && asOf.After(on) {
		h.State, h.Error, h.Findings = NotConnected, "disconnected on "+c.DisconnectedOn, nil
		return h, nil
	}
	if h.State == NotConnected {
		return h, nil
	}
	wasComplete := h.LastSuccessAt != nil
	if !wasComplete && newest != nil {
		if wasComplete, err = everComplete(st, newest); err != nil {
			return h, err
		}
	}
	h.IsStale, h.CountsForExit = staleness(c.Connector, name, h.Watermark, wasComplete, asOf, loc)
	return h, nil
}

// everComplete tells whether a stream was read to its end once: the newest commits may be of readings that were not.
func everComplete(st *lake.Stream, c *lake.Commit) (bool, error) {
	for c.State != lake.Complete && c.Seq > 1 {
		var err error
		if c, err = st.Commit(c.Seq - 1); err != nil {
			return false, err
		}
	}
	return c.State == lake.Complete, nil
}

func (h *StreamHealth) apply(a attempt) {
	at := a.at.UTC()
	h.LastAttemptAt, h.Findings = &at, a.result.Findings
	switch a.result.State {
	case extract.StreamComplete:
		// What counts without some of its records says so for as long as it does, also when nothing of it is new.
		h.State, h.Error = Connected, a.result.Lacks
		if h.LastSuccessAt == nil || at.After(*h.LastSuccessAt) {
			h.LastSuccessAt = &at
		}
		if w := a.result.Watermark; w != nil && (h.Watermark == nil || w.After(*h.Watermark)) {
			h.Watermark = w
		}
	case extract.StreamNotConnected:
		h.State, h.Error = NotConnected, a.result.Error
	default:
		h.State, h.Error = ErrorState, withLacks(a.result.Error, a.result)
		if h.Error == "" {
			h.Error = string(a.result.State)
		}
	}
}

// withLacks adds to an error what else of a stream's data could not be used.
func withLacks(text string, r extract.StreamResult) string {
	if text != "" && r.Lacks != "" {
		text += "; "
	}
	return text + r.Lacks
}

// Problem is a reason why published numbers are not all they should be.
type Problem struct {
	Connection string `json:"connection"`
	Stream     string `json:"stream"`
	Kind       string `json:"kind"` // incomplete, failed, skipped, stale
	Reason     string `json:"reason"`
	Fix        string `json:"fix"`
}

// String is the problem in one line.
func (p Problem) String() string {
	name := p.Connection
	if p.Stream != "" {
		name += "/" + p.Stream
	}
	verb := "is " + p.Kind
	if p.Kind == string(extract.StreamFailed) {
		verb = "failed"
	}
	return fmt.Sprintf("%s %s: %s. %s", name, verb, strings.TrimRight(oneLine(p.Reason), ". "), p.Fix)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// problems lists what makes a published run's exit code 3: streams of this run that did not
// reach their end, lists of which records were set aside, and streams that are stale and count.
func problems(results []extract.StreamResult, health []StreamHealth) []Problem {
	var ps []Problem
	named := map[string]bool{}
	for _, r := range results {
		p := Problem{Connection: r.Connection, Stream: r.Stream, Kind: string(r.State), Reason: r.Error}
		switch r.State {
		case extract.StreamIncomplete:
			p.Fix = cmp.Or(r.Fix, "The next run goes on where it stopped")
		case extract.StreamFailed:
			p.Fix = "Its numbers stay as of its last success"
		case extract.StreamComplete:
			if !r.IsLacking() {
				continue
			}
			p.Kind, p.Fix = string(extract.StreamIncomplete), cmp.Or(r.Fix, "The others count; reports.data_quality lists what is wrong with these")
		case extract.StreamSkipped:
			p.Fix = "It is read once the stream it depends on completes"
		default:
			continue
		}
		p.Reason = withLacks(p.Reason, r)
		if p.Reason == "" {
			p.Reason = "no reason given"
		}
		named[r.Connection+"/"+r.Stream] = true
		ps = append(ps, p)
	}
	for _, h := range health {
		if !h.IsStale || !h.CountsForExit || named[h.Connection+"/"+h.Stream] {
			continue
		}
		p := Problem{Connection: h.Connection, Stream: h.Stream, Kind: "stale", Reason: "it was never complete", Fix: "Run `rightseat run`, or say `disconnected_on` in the configuration when it is fed no more"}
		if h.Watermark != nil {
			p.Reason = "complete only up to " + h.Watermark.UTC().Format(time.RFC3339)
		}
		if h.Error != "" {
			p.Reason += " (" + h.Error + ")"
		}
		ps = append(ps, p)
	}
	return ps
}
