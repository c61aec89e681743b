package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/lake"
)

// Names of the findings about a kept position.
const (
	findingSetting = "setting_changed"
	findingClock   = "clock_ahead"
	findingMoved   = "address_changed"
)

// shaping are the settings, by name, that say what a stream's requests bring, each as a hash of its value; bookmarks
// are those that only name where the vendor keeps our place.
func (c *connection) shaping(p *plan) (choosing, bookmarks map[string]string, err error) {
	choosing, bookmarks = map[string]string{"base_url": hashOf(c.client.Base().String())}, map[string]string{}
	texts := p.templates()
	for _, name := range slices.Sorted(maps.Keys(c.manifest.Headers)) {
		texts = append(texts, c.manifest.Headers[name])
	}
	for _, text := range texts {
		t, err := manifest.ParseTemplate(text)
		if err != nil {
			return nil, nil, err
		}
		for _, ph := range t.Placeholders() {
			if ph.Root() != "settings" && ph.Root() != "org" {
				continue
			}
			value, _ := c.vars(ph.Name)
			name := strings.TrimPrefix(ph.Name, "settings.")
			if c.manifest.Settings[ph.Rest()].Bookmark {
				bookmarks[name] = hashOf(value)
			} else {
				choosing[name] = hashOf(value)
			}
		}
	}
	return choosing, bookmarks, nil
}

func hashOf(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:8])
}

// changed lists the settings that have another value than before. One that came or went with a new version of the
// manifest is none, and nothing is known of a cursor that has no settings yet.
func changed(before, now map[string]string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if old, known := before[name]; known && old != now[name] {
			names = append(names, name)
		}
	}
	return names
}

// fit makes the cursor fit the requests as they are now. A kept position is worth nothing where they have changed, or
// where it held a secret, which is kept nowhere;
// where a setting that chooses has another value, what was read before is not what would be read now, and the stream
// begins anew.
func (s *streamRun) fit() error {
	choosing, bookmarks, err := s.conn.shaping(s.plan)
	if err != nil {
		return err
	}
	cur := s.cur
	again := changed(cur.Settings, choosing)
	if cur.Shape != s.plan.fingerprint || len(again) > 0 || len(changed(cur.Bookmarks, bookmarks)) > 0 || cur.isSealed() {
		cur.Round, cur.Backfill, cur.Poll, cur.Iterating = nil, nil, nil, false
	}
	if len(again) > 0 && !s.plan.isSnapshot() && (cur.Done != nil || cur.ParentSeq > 0) {
		s.anew(findingSetting, "settings."+strings.Join(again, ", settings.")+" changed: the stream is read again from its beginning, as what was read before may not be what is asked for now")
		if now := s.conn.clock.Now().UTC(); slices.Contains(again, "base_url") && s.last != nil {
			cur.Moved = &now
		}
	}
	s.tellMoved()
	cur.Shape, cur.Settings, cur.Bookmarks = s.plan.fingerprint, choosing, bookmarks
	return s.reachBack()
}

// tellMoved says of events that another address than the one of now brought that they count. They may be another
// organisation's, and nothing takes their place: unlike lists, events are never replaced.
func (s *streamRun) tellMoved() {
	if s.cur.Moved == nil {
		return
	}
	name := s.conn.conf.Name
	s.tell(findingMoved, "warning", fmt.Sprintf("settings.base_url changed on %s, and the events that the former address brought still count; if that was another organisation, such as a sandbox, type: rightseat forget %s, "+
		"then: rightseat run; if it was this one, type: rightseat accept %s/%s", s.cur.Moved.Format(time.DateOnly), name, name, s.plan.spec.Name))
}

// reachBack begins a stream anew that is to go further back than it was read.
func (s *streamRun) reachBack() error {
	w := s.plan.window
	start, err := s.conn.startDate()
	if err != nil || w == nil || start.IsZero() || s.backfill {
		return err
	}
	if s.cur.Since == nil {
		if s.cur.Done != nil { // a cursor from before this was noted
			s.cur.Since = &start
		}
		return nil
	}
	from := start
	if kept := s.conn.clock.Now().Add(-w.retention); w.retention > 0 && from.Before(kept) {
		from = kept
	}
	if from.Add(day).Before(*s.cur.Since) {
		s.anew(findingSetting, fmt.Sprintf("settings.start_date is earlier than %s, where the stream begins: it is read again from the new date", s.cur.Since.UTC().Format(time.DateOnly)))
	}
	return nil
}

// anew forgets how far the stream was read, and tells why. What is in the lake stays; records that come again are the
// same ones.
func (s *streamRun) anew(check, why string) {
	s.cur.Done, s.cur.Since, s.cur.Poll, s.cur.Round, s.cur.Iterating, s.cur.ParentSeq = nil, nil, nil, nil, false, 0
	s.tell(check, "info", why)
	s.conn.log.Warn(why, "stream", s.plan.spec.Name)
}

// tell adds to what people should know of the stream.
func (s *streamRun) tell(check, severity, sample string) {
	s.result.Findings = append(s.result.Findings, Finding{
		Check: check, Severity: severity, Count: 1, Sample: s.conn.conf.Name + "/" + s.plan.spec.Name + ": " + s.conn.redact(sample),
	})
}

// hasTold tells whether there is a finding of that name.
func (s *streamRun) hasTold(check string) bool {
	return slices.ContainsFunc(s.result.Findings, func(f Finding) bool { return f.Check == check })
}

// pullBack deals with a clock that was ahead when the stream was read: what lies between the present and the kept
// instant was never there to be read, and would be skipped. The stream goes on from where it stood before.
func (s *streamRun) pullBack(now time.Time) error {
	limit := now.Add(clock.Tolerance)
	if s.cur.Round != nil && s.cur.Round.Started.After(limit) {
		s.cur.Round = nil
	}
	ahead := s.cur.Done
	if s.last != nil && s.last.Watermark != nil && (ahead == nil || s.last.Watermark.After(*ahead)) {
		ahead = s.last.Watermark
	}
	if ahead == nil || !ahead.After(limit) {
		return nil
	}
	good, done, err := s.plausible(limit)
	if err != nil {
		return err
	}
	s.isBack, s.back = true, nil
	if good != nil {
		s.back = good.Watermark
	}
	from := "its beginning"
	if s.cur.Done != nil && s.cur.Done.After(limit) {
		s.cur.Done = done
	}
	if s.cur.Done != nil {
		from = s.cur.Done.UTC().Format(time.RFC3339)
	}
	why := fmt.Sprintf("the stream was read up to %s, which is ahead of this machine's clock (%s): the clock was or is wrong. It is read again from %s; check the clock",
		ahead.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339), from)
	s.tell(findingClock, "warning", why)
	s.conn.log.Warn(why, "stream", s.plan.spec.Name)
	return nil
}

// plausible finds the last commit that ended a round and is not ahead of the clock, with how far it had come.
func (s *streamRun) plausible(limit time.Time) (*lake.Commit, *time.Time, error) {
	for seq := s.last.Seq; seq > 0; seq-- {
		c, err := s.st.Commit(seq)
		if err != nil {
			return nil, nil, err
		}
		if c.State != lake.Complete || c.CommittedAt.After(limit) || c.Watermark != nil && c.Watermark.After(limit) {
			continue
		}
		cur, err := readCursor(c)
		if err != nil {
			return nil, nil, err
		}
		if cur.Done == nil || !cur.Done.After(limit) {
			return c, cur.Done, nil
		}
	}
	return nil, nil, nil
}
