package extract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/jsonraw"
	"github.com/rightseat/rightseat/internal/lake"
)

// Names of the checks that a record can fail.
const (
	checkMissingID    = "missing_id"
	checkBadTime      = "bad_time"
	checkMissingField = "missing_field"
	checkWrongType    = "wrong_type"
)

// reading turns a vendor's records into rows of the lake. It is safe for concurrent use.
type reading struct {
	paths      *jsonraw.Set // of id parts, time and fields, in this order
	id         []idPart
	time       int // index in paths; -1 for none
	timePath   string
	timeFormat string
	fields     []field
	timeParent bool    // the time is the parent's
	expected   [][]int // per group of expected values, and of usual ones behind them: their indexes in paths
	// parentNames are the names such as parent.id that id and time use.
	parentNames []string
}

type idPart struct {
	parent string // a name such as parent.id; empty for the record's own
	index  int    // in paths
}

type field struct {
	name     string
	kind     string
	required bool
	index    int
}

// finding is a check that a record failed.
type finding struct{ check, reason string }

func newReading(s *manifest.Stream) (*reading, error) {
	r := &reading{time: -1, timePath: s.Time, timeFormat: s.TimeFormat, timeParent: strings.HasPrefix(s.Time, "parent.")}
	var paths []jsonraw.Path
	add := func(key, text string) (int, error) {
		p, err := jsonraw.ParsePath(text)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", key, err)
		}
		paths = append(paths, p)
		return len(paths) - 1, nil
	}
	for _, text := range s.ID {
		if strings.HasPrefix(text, "parent.") {
			r.id = append(r.id, idPart{parent: text})
			r.parentNames = append(r.parentNames, text)
			continue
		}
		i, err := add("id", text)
		if err != nil {
			return nil, err
		}
		r.id = append(r.id, idPart{index: i})
	}
	if r.timeParent {
		r.parentNames = append(r.parentNames, s.Time)
	} else if s.Time != "" {
		var err error
		if r.time, err = add("time", s.Time); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Fields)) {
		kind, required := strings.CutSuffix(s.Fields[name], "!")
		i, err := add("fields", name)
		if err != nil {
			return nil, err
		}
		r.fields = append(r.fields, field{name: name, kind: kind, required: required, index: i})
	}
	for _, group := range slices.Concat(s.Expected, s.Usual) {
		var at []int
		for _, text := range group {
			i, err := add("expected", text)
			if err != nil {
				return nil, err
			}
			at = append(at, i)
		}
		r.expected = append(r.expected, at)
	}
	r.paths = jsonraw.NewSet(paths...)
	return r, nil
}

// row makes the lake's row of a record. Findings say what is wrong with it.
func (r *reading) row(rec httpapi.Record, par *parent, values [][]byte, now time.Time) (lake.Row, []finding) {
	var findings []finding
	parentID, _ := par.value("parent.id")
	row := lake.Row{ParentID: parentID, Payload: rec.Raw}
	if rec.Issue != "" {
		row.RecordID = contentID(parentID, rec.Raw)
		return row, append(findings, finding{rec.Check, rec.Issue})
	}
	values = r.paths.Lookup(rec.Raw, values)
	var missing string
	if row.RecordID, missing = r.recordID(par, values); missing != "" {
		findings = append(findings, finding{checkMissingID, missing})
	}
	if len(r.id) == 0 || missing != "" {
		row.RecordID = contentID(parentID, rec.Raw)
	}
	if r.timePath != "" {
		var err error
		if row.EventAt, err = r.eventTime(par, values, now); err != nil {
			row.EventAt = time.Time{}
			findings = append(findings, finding{checkBadTime, r.timePath + ": " + err.Error()})
		}
	}
	for _, f := range r.fields {
		if found := f.check(values[f.index]); found != nil {
			findings = append(findings, *found)
		}
	}
	return row, findings
}

func (r *reading) eventTime(par *parent, values [][]byte, now time.Time) (time.Time, error) {
	text, ok := par.value(r.timePath)
	if !r.timeParent {
		text, ok = jsonraw.Text(values[r.time])
	}
	if !ok || text == "" {
		return time.Time{}, fmt.Errorf("there is no time")
	}
	at, err := parseTime(text, r.timeFormat)
	if err == nil {
		err = plausible(at, now)
	}
	return at, err
}

// oldest is the time before which nothing can have happened that a vendor tells of.
var oldest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// plausible refuses times that can't be: those that stand for no time (1970, year 1), and those to come.
func plausible(at, now time.Time) error {
	switch {
	case at.Before(oldest):
		return fmt.Errorf("%s cannot be right: it is before 2000", at.Format(time.RFC3339))
	case at.After(now.Add(day)):
		return fmt.Errorf("%s cannot be right: it is more than a day ahead", at.Format(time.RFC3339))
	}
	return nil
}

func (r *reading) recordID(par *parent, values [][]byte) (id, missing string) {
	if len(r.id) == 0 {
		return "", ""
	}
	var parts []string
	for _, p := range r.id {
		text, _ := par.value(p.parent)
		if p.parent == "" {
			text, _ = jsonraw.Text(values[p.index])
		}
		if text == "" {
			return "", "the record has no id"
		}
		if !utf8.ValidString(text) {
			text = strings.ToValidUTF8(text, "�")
		}
		parts = append(parts, text)
	}
	id = strings.Join(parts, "|")
	if len(id) > longestID {
		return "", fmt.Sprintf("the record's id is %d bytes long, more than the %d that an id may have", len(id), longestID)
	}
	return id, ""
}

// longestID bounds what may be an id: a longer one is a text in the wrong place, and ids are held in memory.
const longestID = 1 << 10

// contentID identifies a record by what it says.
func contentID(parentID string, raw []byte) string {
	h := sha256.New()
	_, _ = h.Write([]byte(parentID + "\x00")) // never fails, says its documentation
	_, _ = h.Write(raw)
	return "sha256:" + hex.EncodeToString(h.Sum(nil)[:16])
}

// check tells what is wrong with a field's value, which is nil when it is absent.
func (f field) check(raw []byte) *finding {
	kind := jsonraw.Kind(raw)
	if len(raw) == 0 || kind == 'n' || kind == '"' && len(raw) == 2 && f.kind != "string" {
		if f.required {
			return &finding{checkMissingField, fmt.Sprintf("field %s is missing", f.name)}
		}
		return nil
	}
	if f.fits(raw, kind) {
		return nil
	}
	return &finding{checkWrongType, fmt.Sprintf("field %s: expected %s, got %s", f.name, f.kind, describe(kind))}
}

func (f field) fits(raw []byte, kind byte) bool {
	switch f.kind {
	case "string":
		return kind == '"'
	case "number":
		return kind == '0'
	case "integer":
		return kind == '0' && !bytes.ContainsAny(raw, ".eE")
	case "boolean":
		return kind == 't' || kind == 'f'
	case "object":
		return kind == '{'
	case "array":
		return kind == '['
	case "time":
		text, _ := jsonraw.Text(raw)
		if kind == '0' {
			return true
		}
		_, err := parseTime(text, "")
		return kind == '"' && err == nil
	case "date":
		text, _ := jsonraw.Text(raw)
		_, err := time.Parse(time.DateOnly, text[:min(len(text), 10)])
		return kind == '"' && err == nil
	case "email":
		text, _ := jsonraw.Text(raw)
		text = strings.TrimSpace(text) // white space at the ends is cleaned away later, like what nobody sees
		at := strings.LastIndexByte(text, '@')
		return kind == '"' && at > 0 && at < len(text)-1 && !strings.ContainsAny(text, " \t\r\n")
	}
	return true
}

func describe(kind byte) string {
	switch kind {
	case '"':
		return "other text"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return "nothing"
}

// size is how many values a record is asked for.
func (r *reading) size() int { return r.paths.Len() }
