package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/internal/excerpt"
)

// errEnough ends a list after its first page.
var errEnough = errors.New("enough")

// Check implements [Reader]: one page of each stream, nothing written. A child is asked for the
// first parent that its parent's page brings. When the host cannot be reached, that is the one
// result, without a stream.
func (c *connection) Check(ctx context.Context) ([]StreamResult, error) {
	results := make([]StreamResult, len(c.plans))
	states := map[*plan]StreamState{}
	firsts := map[*plan]*checkPage{}
	answered := false
	for i, p := range c.plans {
		started := time.Now()
		r := StreamResult{Connection: c.conf.Name, Connector: c.manifest.Name, Stream: p.spec.Name, Kind: p.spec.Kind}
		page := &checkPage{}
		err := c.checkStream(ctx, p, page, firsts, states)
		r.State, r.Rows, r.Pages, r.Issues, r.Took = StreamComplete, page.rows, page.pages, page.issues, time.Since(started)
		if page.issues > 0 {
			unusable := c.redact(fmt.Sprintf("%d of %s on the page can't be used and would be set aside; the first: %s", page.issues, plural(int(page.rows), "record"), page.sample))
			if p.isSnapshot() {
				r.Lacks = unusable
			} else {
				r.Findings = append(r.Findings, Finding{Check: "set_aside", Severity: "warning", Count: page.issues, Sample: unusable})
			}
		}
		if httpapi.IsUnreachable(err) && !answered {
			return []StreamResult{c.unreachable(r, err)}, nil
		}
		answered = true
		if err == nil {
			err = page.verdict(c, p)
		}
		if err != nil {
			r.Err = c.redactErr(err)
			r.Error = r.Err.Error()
			r.State = c.checkState(p, err)
		}
		states[p], firsts[p], results[i] = r.State, page, r
	}
	return c.inOrder(c.plans, results), nil
}

// unreachable makes the result of a connection whose host cannot be reached.
func (c *connection) unreachable(r StreamResult, err error) StreamResult {
	conf := c.extractor.Config
	r.Stream, r.Kind, r.State = "", "", StreamFailed
	r.Err = c.redactErr(fmt.Errorf("%s line %d: connection %s: %w; none of its %s was read",
		conf.File, c.conf.Line, c.conf.Name, err, plural(len(c.plans), "stream")))
	r.Error = r.Err.Error()
	return r
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// checkPage is what a check keeps of a stream's page.
type checkPage struct {
	rows, pages, issues int64
	sample              string // what is wrong with the first that can't be used
	present             presence
	records             []httpapi.Record
	ids                 []string
}

// errParent tells that a child could not be checked because its parent could not.
var errParent = errors.New("its parent stream could not be read")

func (c *connection) checkState(p *plan, err error) StreamState {
	switch status := httpapi.StatusOf(err); {
	case errors.Is(err, errParent):
		return StreamSkipped
	case p.spec.Optional && (status == http.StatusForbidden || status == http.StatusNotFound):
		return StreamNotConnected
	}
	return StreamFailed
}

func (c *connection) checkStream(ctx context.Context, p *plan, page *checkPage, firsts map[*plan]*checkPage, states map[*plan]StreamState) error {
	r := request{hasEnd: !p.isPolling()}
	if p.window != nil {
		now := c.clock.Now()
		done := now.Add(-day)
		r.from, r.to, _ = p.window.bounds(now, &done, time.Time{})
		if !p.isIterator() {
			r.to = p.window.next(r.from, r.to)
		}
	}
	if p.parent != nil {
		if states[p.parent] != StreamComplete {
			return fmt.Errorf("%w: %s", errParent, p.parent.spec.Name)
		}
		if r.parent = p.firstParent(firsts[p.parent]); r.parent == nil {
			return nil // nothing to ask for
		}
	}
	r.check = true
	// A list may be empty in one pass and not in another: the first that brings something is looked at.
	for _, r.variant = range p.variants() {
		if err := c.checkList(ctx, p, r, page); err != nil || page.rows > 0 {
			return err
		}
	}
	return nil
}

// checkList asks for the first page of one list.
func (c *connection) checkList(ctx context.Context, p *plan, r request, page *checkPage) error {
	target, err := p.target(c.client.Base(), c.vars, r)
	if err != nil {
		return err
	}
	err = c.client.Pages(ctx, target, p.shape, p.pager, httpapi.Position{}, func(got *httpapi.Page, _ httpapi.Position, _ bool) error {
		page.pages++
		if err := got.Chunks(func(records []httpapi.Record) error { return page.add(p, records, r.parent, c.clock.Now()) }); err != nil {
			return err
		}
		return errEnough
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// verdict is what is wrong with a page that came: none of its records can be used, or hardly one has what it is
// expected to have.
func (cp *checkPage) verdict(c *connection, p *plan) error {
	if cp.issues > 0 && cp.issues == cp.rows {
		return fmt.Errorf("no record on the page (%d) can be used: %s", cp.rows, cp.sample)
	}
	if what, _ := c.hidden(p, cp.present); what != "" {
		return errors.New(what)
	}
	return nil
}

// maxCheckParents is how many records of a page are kept to find a parent among.
const maxCheckParents = 1000

func (cp *checkPage) add(p *plan, records []httpapi.Record, par *parent, now time.Time) error {
	for _, rec := range records {
		cp.rows++
		values := make([][]byte, p.reading.size())
		row, findings := p.reading.row(rec, par, values, now)
		if rec.Issue == "" {
			cp.present.add(p.reading, values)
		}
		if len(findings) > 0 {
			if cp.issues++; cp.sample == "" {
				cp.sample = "record " + excerpt.Line(row.RecordID, shortText) + ": " + issueText(findings)
			}
			continue
		}
		if len(cp.records) < maxCheckParents {
			cp.records = append(cp.records, httpapi.Record{Raw: bytes.Clone(rec.Raw)})
			cp.ids = append(cp.ids, row.RecordID)
		}
	}
	return nil
}

func (p *plan) firstParent(page *checkPage) *parent {
	for i, rec := range page.records {
		if p.wants(rec.Raw) {
			found := p.newParent(page.ids[i], rec.Raw)
			return &found
		}
	}
	return nil
}
