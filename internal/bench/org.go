package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/secret"
	rightsql "github.com/rightseat/rightseat/sql"
	"github.com/rightseat/rightseat/transform"
)

// The organisation of the increment benchmark is read once a day: Okta (people, apps, assignments,
// sign-ins), an org chart, one app's roster, events of the organisation's own app, card
// spend, and contracts, which come once. The rows go into the lake as the connectors would leave them.

// historyStart lets the days that are measured lie within a month: on the first of one, the report of the month's end
// is computed once more, too.
var historyStart = time.Date(2024, 1, 12, 0, 0, 0, 0, time.UTC)

func dayAt(day int) time.Time { return historyStart.AddDate(0, 0, day) }

func workspace(t task) string { return filepath.Join(t.Dir, "workspace") }

// writeHistory adds the days t.From to t.Days-1 to the lake.
func writeHistory(_ context.Context, t task) (result, error) {
	o := org{task: t, store: lake.Open(workspace(t))}
	for day := t.From; day < t.Days; day++ {
		if err := o.day(day); err != nil {
			return result{}, fmt.Errorf("day %d: %w", day, err)
		}
	}
	return result{Rows: o.rows, Peak: peak()}, nil
}

type org struct {
	task
	store *lake.Store
	rows  int64
}

// chance is a number below n that looks random and is the same in every run.
func chance(n int, of ...int) int {
	x := uint64(0x9e3779b97f4a7c15)
	for _, v := range of {
		x = (x ^ uint64(v)) * 0xbf58476d1ce4e5b9
		x ^= x >> 29
	}
	x *= 0x94d049bb133111eb
	return int((x >> 33) % uint64(n))
}

// isAssigned tells whether a person has an app that day: about a sixth of all pairs, and a few change
// each day.
func isAssigned(person, app, day int) bool {
	return chance(100, person, app, 1, (day+chance(700, person, app, 2))/700) < 17
}

func (o *org) day(day int) error {
	steps := []func(int) error{o.logins, o.events, o.money}
	if o.hasSnapshots(day) {
		steps = append(steps, o.people, o.directory, o.assignments, o.roster)
	}
	for _, step := range steps {
		if err := step(day); err != nil {
			return err
		}
	}
	return nil
}

// write lands one batch: a whole snapshot, or events.
func (o *org) write(connection, connector, stream string, day int, snapshot bool, rows []lake.Row) error {
	st, err := o.store.Stream(connection, stream)
	if err != nil {
		return err
	}
	b, err := st.Begin()
	if err != nil {
		return err
	}
	read := dayAt(day).Add(22 * time.Hour)
	c := lake.Commit{RunID: "bench", Connector: connector, CommittedAt: read, State: lake.Complete, Watermark: &read}
	date := dayAt(day).Format(time.DateOnly)
	if snapshot {
		source := ""
		if connector == "file" {
			source = connection + ".csv"
		}
		c.Snapshots = []lake.Snapshot{{ID: stream + date, Date: date, ReadAt: read, Rows: int64(len(rows)), Source: source}}
	}
	for i := range rows {
		rows[i].ExtractedAt = read
		if snapshot {
			rows[i].SnapshotID, rows[i].SnapshotDate = stream+date, date
		}
	}
	if err := b.Append(rows...); err != nil {
		return err
	}
	o.rows += int64(len(rows))
	_, err = b.Commit(c)
	return err
}

func email(person int) string { return fmt.Sprintf("person%d@acme.example", person) }

func (o *org) people(day int) error {
	var rows []lake.Row
	for p := range o.People {
		rows = append(rows, lake.Row{RecordID: fmt.Sprint(p), Payload: fmt.Appendf(nil,
			`{"email":%q,"first_name":"Person","last_name":"%d","team":"Team %d","department":"Department %d","location":"Site %d","cost_centre":"CC%d","manager_email":%q,"start_date":"2020-01-01"}`,
			email(p), p, p%60, p%12, (p+day/200)%8, p%30, email(p/8))})
	}
	return o.write("people", "file", "org_chart", day, true, rows)
}

func (o *org) directory(day int) error {
	var users, apps []lake.Row
	for p := range o.People {
		users = append(users, lake.Row{RecordID: fmt.Sprintf("00u%d", p), Payload: fmt.Appendf(nil,
			`{"id":"00u%[1]d","status":"ACTIVE","profile":{"login":%[2]q,"email":%[2]q,"firstName":"Person","lastName":"%[1]d"}}`, p, email(p))})
	}
	for a := range o.Apps {
		apps = append(apps, lake.Row{RecordID: fmt.Sprintf("0oa%d", a), Payload: fmt.Appendf(nil,
			`{"id":"0oa%[1]d","name":"app_%[1]d","label":"Tool %[1]d","status":"ACTIVE"}`, a)})
	}
	if err := o.write("okta", "okta", "users", day, true, users); err != nil {
		return err
	}
	return o.write("okta", "okta", "apps", day, true, apps)
}

func (o *org) assignments(day int) error {
	var rows []lake.Row
	for a := range o.Apps {
		for p := range o.People {
			if isAssigned(p, a, day) {
				rows = append(rows, lake.Row{RecordID: fmt.Sprintf("0oa%d/00u%d", a, p), ParentID: fmt.Sprintf("0oa%d", a), Payload: fmt.Appendf(nil,
					`{"id":"00u%[1]d","scope":"USER","status":"ACTIVE","created":"2024-01-01T00:00:00.000Z","credentials":{"userName":%[2]q},"profile":{"email":%[2]q}}`, p, email(p))})
			}
		}
	}
	return o.write("okta", "okta", "app_users", day, true, rows)
}

// logins are those of a working day, into apps that the person has.
func (o *org) logins(day int) error {
	count := o.People * o.task.logins()
	rows := make([]lake.Row, count)
	for i := range rows {
		p := chance(o.People, day, i, 3)
		a := chance(o.Apps, p, chance(12, day, i, 4), 5) // a dozen favourites each
		n := day*count + i
		at := dayAt(day).Add(7*time.Hour + time.Duration(i)*12*time.Hour/time.Duration(count))
		rows[i] = lake.Row{RecordID: fmt.Sprintf("login-%d", n), EventAt: at}
		if o.Large {
			rows[i].Payload = fmt.Appendf(nil, `{"occurred_at":%q,"email":%q,"app":"Tool %d"}`, at.Format(time.RFC3339), email(p), a)
		} else {
			rows[i].Payload = appendLogin(nil, n, p, a, at)
		}
	}
	if o.Large {
		return o.write("logins", "file", "sso_logins", day, false, rows)
	}
	return o.write("okta", "okta", "system_log", day, false, rows)
}

func (o *org) roster(day int) error {
	var rows []lake.Row
	for p := range o.People * 4 / 5 {
		rows = append(rows, lake.Row{RecordID: fmt.Sprint(p), Payload: fmt.Appendf(nil,
			`{"email":%q,"account_id":"acc%d","tier":"Pro","status":"active","app":"Zoom","instance":"zoom-prod"}`, email(p), p)})
	}
	return o.write("roster", "file", "roster", day, true, rows)
}

func (o *org) events(day int) error {
	var rows []lake.Row
	for i := range o.People / 2 {
		p := chance(o.People, day, i, 6)
		at := dayAt(day).Add(8*time.Hour + time.Duration(i)*time.Second)
		rows = append(rows, lake.Row{RecordID: fmt.Sprintf("event-%d-%d", day, i), EventAt: at, Payload: fmt.Appendf(nil,
			`{"email":%q,"app":"Fieldbook","event":"report_%d"}`, email(p), i%5)})
	}
	return o.write("fieldbook", "file", "engagement", day, false, rows)
}

func (o *org) money(day int) error {
	var rows []lake.Row
	for i := range max(1, o.People/100) {
		rows = append(rows, lake.Row{RecordID: fmt.Sprintf("card-%d-%d", day, i), EventAt: dayAt(day), Payload: fmt.Appendf(nil,
			`{"transaction_id":"card-%d-%d","date":%q,"amount":"%d.50","currency":"USD","vendor":"VENDOR %d","payer_email":%q}`,
			day, i, dayAt(day).Format(time.DateOnly), 5+i, chance(200, day, i, 7), email(chance(o.People, day, i, 8)))})
	}
	if err := o.write("cards", "file", "spend", day, false, rows); err != nil || day > 0 {
		return err
	}
	var contracts []lake.Row
	for a := range o.Apps / 3 {
		contracts = append(contracts, lake.Row{RecordID: fmt.Sprint(a), Payload: fmt.Appendf(nil,
			`{"contract_id":"C%[1]d","vendor":"Tool %[1]d","app":"Tool %[1]d","start_date":"2024-01-01","end_date":"2027-12-31","licences":"%[2]d","unit_price":"9.90","billing_period":"month","currency":"USD"}`, a, o.People/5)})
	}
	return o.write("contracts", "file", "contracts", day, true, contracts)
}

// transformOptions are those of a run at the end of a day.
func transformOptions(t task) transform.Options {
	w := workspace(t)
	kind := func(name, kind string) config.Connection {
		return config.Connection{Name: name, Connector: "file", Settings: map[string]any{"kind": kind, "path": name + ".csv"}}
	}
	cfg := &config.Config{
		Workspace: w, Secrets: &secret.Redactor{},
		Organisation: config.Organisation{Name: "Acme", Timezone: time.UTC, Currency: "USD", FiscalYearStart: 1},
		Resources:    config.Resources{Memory: t.memory(), TempDir: filepath.Join(w, "state", "tmp")},
		Connections: []config.Connection{
			{Name: "okta", Connector: "okta"},
			kind("people", "org_chart"), kind("roster", "roster"), kind("fieldbook", "engagement"), kind("cards", "spend"), kind("contracts", "contracts"),
		},
	}
	if t.Large {
		logins := kind("logins", "sso_logins")
		logins.Settings["idp"] = "okta"
		cfg.Connections = append(cfg.Connections, logins)
	}
	connectors := map[string]transform.Connector{}
	for _, c := range cfg.Connections {
		connectors[c.Name] = transform.Connector{Name: "file", Class: "own"}
	}
	connectors["okta"] = transform.Connector{Name: "okta", Class: "sso", IDP: "okta"}
	last := dayAt(t.Days - 1)
	return transform.Options{
		Config: cfg, Lake: lake.Open(w), Connectors: connectors, SQL: rightsql.Files,
		BuildPath: filepath.Join(w, "warehouse", "build.duckdb"), CorePath: filepath.Join(w, "lake", "core"),
		AsOf: last.Format(time.DateOnly), RunID: fmt.Sprintf("bench-%d", t.Days), Now: last.Add(22 * time.Hour),
		Staging: []transform.StagingDir{
			{Connector: "file", FS: rightsql.Files, Dir: "staging/file"},
			{Connector: "okta", FS: rightsql.Files, Dir: "staging/okta"},
		},
	}
}
