package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// Values are checked one kind at a time here; each check notes a problem at the key and gives the
// value in its normal form.

var (
	domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)
	memorySize = regexp.MustCompile(`(?i)^([0-9]+(?:\.[0-9]+)?) ?([KMGT]i?B)$`)
)

func (l *loader) required(key, value, what string) {
	// An empty value that is the trace of a failed expansion has been reported already.
	if value == "" && !l.failed(key) {
		l.doc.Add(key, "is missing; expected %s", what)
	}
}

// failed tells whether the document has a problem at that very key already.
func (l *loader) failed(key string) bool { return l.doc.HasProblem(key) }

func (l *loader) name(key, value string) {
	if value == "" {
		l.required(key, value, "a name: lower-case letters, digits, - and _")
		return
	}
	if err := lake.CheckName(value); err != nil {
		l.doc.Add(key, "%v", err)
	}
}

func (l *loader) email(key, value string) {
	if value != "" && !validEmail(value) {
		l.doc.Add(key, "%q is not an e-mail address", value)
	}
}

// emails checks a list of addresses and gives them in lower case.
func (l *loader) emails(key string, values []string) []string {
	var out []string
	for i, v := range values {
		k := yamlx.Index(key, i)
		if !l.doc.Has(k) {
			k = key // written as a single value
		}
		if v == "" {
			l.required(k, v, "an e-mail address")
			continue
		}
		l.email(k, v)
		out = append(out, strings.ToLower(v))
	}
	return out
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	_, host, ok := strings.Cut(s[strings.LastIndexByte(s, '@'):], "@")
	return ok && domainName.MatchString(strings.ToLower(host))
}

func (l *loader) domains(key string, values []string) []string {
	var out []string
	for i, v := range values {
		d := strings.ToLower(v)
		k := yamlx.Index(key, i)
		switch {
		case !domainName.MatchString(d):
			l.doc.Add(k, "%q is not a domain; expected something like acme.example, without https:// or @", v)
		case slices.Contains(out, d):
			l.doc.Add(k, "%s is here a second time", d)
		default:
			out = append(out, d)
		}
	}
	return out
}

func (l *loader) timezone(key, value string) *time.Location {
	loc, err := time.LoadLocation(value)
	if err != nil || value == "Local" || value == "" {
		l.doc.Add(key, "%q is not a known time zone; expected an IANA name such as Europe/Berlin, America/New_York or UTC", value)
		return time.UTC
	}
	return loc
}

func (l *loader) currency(key, value string) string {
	code := strings.ToUpper(value)
	if !IsCurrency(code) {
		l.doc.Add(key, "%q is not an ISO 4217 currency code; expected something like USD or EUR", value)
	}
	return code
}

func (l *loader) date(key, value string) {
	if value == "" {
		return
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		l.doc.Add(key, "%q is not a date; expected YYYY-MM-DD", value)
	}
}

func (l *loader) memory(key, value string) string {
	m := memorySize.FindStringSubmatch(value)
	if m == nil || strings.Trim(m[1], "0.") == "" {
		l.doc.Add(key, "%q is not a memory size; expected something like 512MB or 2GB", value)
		return value
	}
	return m[1] + m[2]
}

// oneOf checks a value that has a closed list of allowed ones; empty is fine.
func (l *loader) oneOf(key, value string, allowed []string) {
	if value != "" && !slices.Contains(allowed, value) {
		l.doc.Add(key, "%q is not known%s", value, yamlx.Hint(value, allowed))
	}
}

func (l *loader) eachOneOf(key string, values, allowed []string) {
	for i, v := range values {
		l.oneOf(yamlx.Index(key, i), v, allowed)
	}
}

// secretURL checks an address without ever repeating it.
func (l *loader) secretURL(key, value string) {
	if value == "" {
		l.required(key, value, "an https:// address")
		return
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		l.doc.Add(key, "is not an address; expected https://…")
	}
}

// ParseSchedule reads a cron expression: five fields (minute, hour, day of month, month, day of
// week) or @hourly, @daily, @weekly, @monthly, @yearly. The time zone is not part of it: give
// Next times in the zone that the schedule is meant in.
func ParseSchedule(expr string) (cron.Schedule, error) {
	switch {
	case strings.Contains(expr, "TZ="): // the parser would take it, or panic on a bare one
		return nil, errors.New("a time zone does not belong in the schedule; expected the key timezone beside it")
	case strings.HasPrefix(strings.TrimSpace(expr), "@every"):
		return nil, errors.New(`@every has no fixed times; expected five fields such as "0 3 * * *" or @daily`)
	}
	schedule, err := cron.ParseStandard(expr)
	if err != nil {
		return nil, fmt.Errorf(`%q is not a cron expression (%s); expected five fields such as "0 3 * * *" or @daily`,
			expr, strings.TrimPrefix(err.Error(), "failed to parse "))
	}
	if schedule.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("%q names a date that never comes", expr)
	}
	return schedule, nil
}
