package extract

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/lake"
)

// minGuarded is how many records a list needs to have had before its shrinking tells anything.
const minGuarded = 20

// Shrank tells whether a list lost so much that it is held until another day's reading, or a person, confirms it.
func Shrank(before, now int64) bool { return before >= minGuarded && now*2 <= before }

// TooMany tells whether so many of a list's records were set aside that it is not whole. A single one never is: it
// sets itself aside, not the list.
func TooMany(bad, all int64, percent float64) bool {
	return bad > 0 && (bad == all || bad > 1 && float64(bad) > float64(all)*percent/100)
}

// judge says whether a list of a snapshot that was read to its end counts; nil when it does. parent is empty for a
// stream without parents.
func (s *streamRun) judge(parent string, p progress) *unreadList {
	percent := s.conn.extractor.Config.SetAsidePercent()
	if TooMany(p.Bad, p.Rows, percent) {
		return &unreadList{Reason: fmt.Sprintf("%d of its %d records could not be used, more than the %g %% that a list may have (set_aside_percent)", p.Bad, p.Rows, percent)}
	}
	good := p.Rows - p.Bad
	if before := s.sizeBefore(parent); Shrank(before, good) {
		if h := s.cur.Held[parent]; h == nil || h.Date == s.round.Date && !h.Accepted {
			s.hold(parent, good)
			return &unreadList{Reason: fmt.Sprintf("it shrank from %d records to %d", before, good), Held: true}
		}
	}
	delete(s.cur.Held, parent)
	if good >= minGuarded {
		if s.round.Lists == nil {
			s.round.Lists = map[string]int64{}
		}
		s.round.Lists[parent] = good
	}
	return nil
}

// sizeBefore is how many records the last whole list had; 0 when it is too small to tell anything.
func (s *streamRun) sizeBefore(parent string) int64 {
	switch {
	case s.before == nil:
		return 0
	case parent == "" && len(s.before.Lists) == 0: // of a version that kept no such counts
		return s.before.Rows
	}
	return s.before.Lists[parent]
}

// lacks says how many records of the snapshot that counts could not be used; empty for none.
func (s *streamRun) lacks() (string, error) {
	newest, err := newestSnapshot(s.st)
	if err != nil || newest == nil || newest.Bad == 0 {
		return "", err
	}
	return Lacking(newest.Bad, newest.Rows), nil
}

// Lacking says how many records of a list that counts could not be used.
func Lacking(bad, all int64) string {
	return fmt.Sprintf("%d of the %d records of its list could not be used and were set aside", bad, all)
}

func (s *streamRun) hold(parent string, good int64) {
	h := &held{Date: s.round.Date, Rows: good}
	if before := s.cur.Held[parent]; before != nil {
		h.Date = before.Date
	}
	if parent == "" {
		h.Snapshot, h.OnDate, h.ReadAt = s.round.Snapshot, s.round.Date, s.round.Started
	}
	if s.cur.Held == nil {
		s.cur.Held = map[string]*held{}
	}
	s.cur.Held[parent] = h
}

// doubt says why a round that came to its end does not count; nil when it does.
func (s *streamRun) doubt() error {
	if !s.plan.isSnapshot() || s.backfill {
		return nil
	}
	if s.plan.parent == nil {
		why, doubted := s.round.Unread[""]
		if !doubted {
			return nil
		}
		return errors.New("the list that was read does not count: " + why.Reason + s.remedy(why.Held))
	}
	if s.round.Whole > 0 {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(s.round.Unread)) {
		if why := s.round.Unread[id]; !why.LeftOut {
			return fmt.Errorf("none of the lists that were read counts; %s: %s%s", id, why.Reason, s.remedy(why.Held))
		}
	}
	return nil
}

func (s *streamRun) remedy(isHeld bool) string {
	if !isHeld {
		return ""
	}
	return acceptRemedy(s.conn.conf.Name, s.plan.spec.Name)
}

func acceptRemedy(connection, stream string) string {
	return fmt.Sprintf("; a reading on another day confirms it, or, if it is right, type: rightseat accept %s/%s", connection, stream)
}

// unreadNow are the parents whose lists are not whole as things stand: of a snapshot stream those of its last
// snapshot, else those put aside.
func (s *streamRun) unreadNow() ([]lake.UnreadList, error) {
	if s.plan.parent == nil {
		return nil, nil
	}
	if s.plan.isSnapshot() {
		newest, err := newestSnapshot(s.st)
		if err != nil || newest == nil {
			return nil, err
		}
		return newest.Unread, nil
	}
	var out []lake.UnreadList
	for _, id := range slices.Sorted(maps.Keys(s.cur.Aside)) {
		out = append(out, lake.UnreadList{Parent: id, Name: s.cur.Aside[id].Name, Reason: s.cur.Aside[id].Reason})
	}
	return out, nil
}

// namedLists is how many lists a message names.
const namedLists = 3

// missing tells which parents' lists are not whole although the stream was read to its end, as an error and, for
// data_quality, as findings.
func (s *streamRun) missing() ([]Finding, error) {
	lists, err := s.unreadNow()
	if err != nil {
		return nil, err
	}
	for i := range lists {
		lists[i].Reason, lists[i].Name, lists[i].Parent = s.conn.redact(lists[i].Reason), s.conn.redact(lists[i].Name), s.conn.redact(lists[i].Parent)
	}
	return tellUnread(s.conn.conf.Name, s.plan.spec.Name, lists)
}

// tellUnread says which lists of a stream are not whole.
func tellUnread(connection, stream string, lists []lake.UnreadList) ([]Finding, error) {
	var unread, shrunk, left []string
	for _, u := range lists {
		text := u.Parent
		if u.Name != "" && u.Name != u.Parent {
			text = u.Name + " (" + u.Parent + ")"
		}
		text += ": " + u.Reason
		if u.KeptDate != "" {
			text += "; its list of " + u.KeptDate + " counts"
		}
		switch {
		case u.LeftOut:
			left = append(left, text)
		case u.Held:
			shrunk = append(shrunk, text)
		default:
			unread = append(unread, text)
		}
	}
	var findings []Finding
	var problems []string
	add := func(check, severity, what, remedy string, texts []string) {
		if len(texts) == 0 {
			return
		}
		named := strings.Join(texts[:min(namedLists, len(texts))], " · ")
		if n := len(texts) - namedLists; n > 0 {
			named += fmt.Sprintf(" · and %d more", n)
		}
		text := fmt.Sprintf("%s of %s: %s%s", plural(len(texts), "list"), what, named, remedy)
		findings = append(findings, Finding{Check: check, Severity: severity, Count: int64(len(texts)), Sample: text})
		if severity != "info" {
			problems = append(problems, text)
		}
	}
	add("list_unread", "warning", stream+" could not be read", fmt.Sprintf("; asked again in later runs, unless settings.leave_out.%s names it", stream), unread)
	add("list_shrank", "warning", stream+" held back", acceptRemedy(connection, stream), shrunk)
	add("list_left_out", "info", stream+" left out by settings.leave_out", "", left)
	if len(problems) == 0 {
		return findings, nil
	}
	return findings, errors.New(strings.Join(problems, "; "))
}
