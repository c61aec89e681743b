package pipelines

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/yamlx"
)

// PersonExplanation is one person across all their addresses and identifiers.
type PersonExplanation struct {
	PersonID     string       `json:"person_id"`
	PrimaryEmail string       `json:"primary_email,omitempty"`
	Name         string       `json:"name,omitempty"`
	Type         string       `json:"person_type"`
	Title        string       `json:"title,omitempty"`
	Team         string       `json:"team,omitempty"`
	Department   string       `json:"department,omitempty"`
	Location     string       `json:"location,omitempty"`
	CostCentre   string       `json:"cost_centre,omitempty"`
	IsEmployed   *bool        `json:"is_employed"` // nil: HR does not know them
	StartDate    string       `json:"start_date,omitempty"`
	LeftOn       string       `json:"termination_date,omitempty"`
	Managers     []string     `json:"managers"` // from the direct one upwards
	Identifiers  []Identifier `json:"identifiers"`
	Accounts     []Holding    `json:"accounts"`    // in the newest roster of each connection
	Assignments  []Holding    `json:"assignments"` // in the newest snapshot of each identity provider
	Activity     []Holding    `json:"activity"`    // last engagement and sign-in by app
}

// Identifier is an address or a vendor's id, with what proves whose it is.
type Identifier struct {
	Identifier string     `json:"identifier"`
	Evidence   string     `json:"evidence"` // as in core.person_identifiers
	Words      string     `json:"words"`    // the same in words
	LinkedBy   string     `json:"linked_by,omitempty"`
	FirstSeen  string     `json:"first_seen"`
	Sightings  []Sighting `json:"sightings"`
}

// Sighting is a source that uses the identifier.
type Sighting struct {
	Connection string `json:"connection"`
	What       string `json:"what"` // org chart, account, assignment, sign-in, event, network
	Rows       int64  `json:"rows"`
	First      string `json:"first"`
	Last       string `json:"last"`
}

// Holding is an account, an assignment or activity in an app instance.
type Holding struct {
	Connection string `json:"connection,omitempty"`
	AppID      string `json:"app_id"`
	InstanceID string `json:"instance_id"`
	Date       string `json:"date,omitempty"`
	Detail     string `json:"detail,omitempty"`
}

// ExplainPerson finds the one person whom an address, an identifier, an id or a name means.
func ExplainPerson(ctx context.Context, db *sql.DB, who string) (*PersonExplanation, error) {
	id, err := findPerson(ctx, db, who)
	if err != nil {
		return nil, err
	}
	e := &PersonExplanation{Managers: []string{}, Identifiers: []Identifier{}, Accounts: []Holding{}, Assignments: []Holding{}, Activity: []Holding{}}
	var employed sql.NullBool
	err = db.QueryRowContext(ctx, `SELECT person_id, coalesce(primary_email, ''), coalesce(display_name, ''), person_type, coalesce(title, ''), coalesce(team, ''),
  coalesce(department, ''), coalesce(location, ''), coalesce(cost_centre, ''), is_employed,
  coalesce(CAST(start_date AS VARCHAR), ''), coalesce(CAST(termination_date AS VARCHAR), '')
FROM core.people WHERE person_id = ?`, id).Scan(&e.PersonID, &e.PrimaryEmail, &e.Name, &e.Type, &e.Title, &e.Team, &e.Department,
		&e.Location, &e.CostCentre, &employed, &e.StartDate, &e.LeftOn)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	if employed.Valid {
		e.IsEmployed = &employed.Bool
	}
	for _, step := range []func(context.Context, *sql.DB) error{e.managers, e.identifiers, e.holdings} {
		if err := step(ctx, db); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// findPerson gives the person_id: by identifier or id first, then by name, then by a part of either.
func findPerson(ctx context.Context, db *sql.DB, who string) (string, error) {
	for _, match := range []string{
		"lower(i.identifier) = lower($1) OR lower(p.person_id) = lower($1)",
		"lower(p.display_name) = lower($1)",
		"contains(lower(i.identifier), lower($1)) OR contains(lower(p.display_name), lower($1))",
	} {
		var ids, lines []string
		err := each(ctx, db, `SELECT DISTINCT p.person_id, coalesce(p.display_name, ''), coalesce(p.primary_email, '')
FROM core.people AS p JOIN core.person_identifiers AS i ON i.person_id = p.person_id WHERE `+match+` ORDER BY 1 LIMIT 11`,
			func(scan func(...any) error) error {
				var id, name, email string
				err := scan(&id, &name, &email)
				ids = append(ids, id)
				lines = append(lines, strings.TrimRight(fmt.Sprintf("  %s  %s  %s", id, name, email), " "))
				return err
			}, who)
		switch {
		case err != nil:
			return "", err
		case len(ids) == 1:
			return ids[0], nil
		case len(ids) > 10:
			return "", Usagef("more than 10 people match %q; write a whole address", who)
		case len(ids) > 1:
			return "", Usagef("%d people match %q; write the whole address of one:\n%s", len(ids), who, strings.Join(lines, "\n"))
		}
	}
	all, err := texts(ctx, db, "SELECT identifier FROM core.person_identifiers ORDER BY identifier")
	if err != nil {
		return "", err
	}
	if near := yamlx.Nearest(who, all); near != "" {
		return "", Usagef("no source names %q; did you mean %s?", who, near)
	}
	return "", Usagef("no source names %q", who)
}

func (e *PersonExplanation) managers(ctx context.Context, db *sql.DB) error {
	managers := map[string][2]string{} // person to manager and the manager's shown name
	err := each(ctx, db, `SELECT p.person_id, m.person_id, coalesce(m.display_name, m.primary_email, m.person_id)
FROM core.people AS p JOIN core.people AS m ON m.person_id = p.manager_person_id`, func(scan func(...any) error) error {
		var id, manager, name string
		err := scan(&id, &manager, &name)
		managers[id] = [2]string{manager, name}
		return err
	})
	if err != nil {
		return err
	}
	seen := []string{e.PersonID} // a circle ends where it began
	for m, ok := managers[e.PersonID]; ok && !slices.Contains(seen, m[0]); m, ok = managers[m[0]] {
		seen = append(seen, m[0])
		e.Managers = append(e.Managers, m[1])
	}
	return nil
}

// evidence says in words what links an identifier to its person.
var evidence = map[string]string{
	"hr":        "HR lists it",
	"account":   "the account's own address is",
	"idp_login": "the identity provider gives the same user the address",
	"domain":    "the same name at the organisation's other domain, where HR knows",
	"itself":    "nothing else is known of it",
}

func (e *PersonExplanation) identifiers(ctx context.Context, db *sql.DB) error {
	err := each(ctx, db, `SELECT identifier, evidence, coalesce(linked_by, ''), CAST(first_seen AS VARCHAR)
FROM core.person_identifiers WHERE person_id = ? ORDER BY first_seen, identifier`, func(scan func(...any) error) error {
		i := Identifier{Sightings: []Sighting{}}
		err := scan(&i.Identifier, &i.Evidence, &i.LinkedBy, &i.FirstSeen)
		i.Words = strings.TrimSpace(evidence[i.Evidence] + " " + i.LinkedBy)
		e.Identifiers = append(e.Identifiers, i)
		return err
	}, e.PersonID)
	if err != nil {
		return err
	}
	return each(ctx, db, `SELECT identifier, connection, what, count(*), CAST(min(day) AS VARCHAR), CAST(max(day) AS VARCHAR) FROM (
    SELECT connection, 'org chart' AS what, identifier, snapshot_date AS day FROM core.org_chart WHERE person_id = $1
    UNION ALL SELECT connection, 'account', identifier, snapshot_date FROM core.accounts WHERE person_id = $1
    UNION ALL SELECT connection, 'assignment', identifier, snapshot_date FROM core.sso_assignments WHERE person_id = $1
    UNION ALL SELECT connection, 'sign-in', identifier, login_date FROM core.sso_logins WHERE person_id = $1
    UNION ALL SELECT connection, 'event', identifier, event_date FROM core.engagement_events WHERE person_id = $1
    UNION ALL SELECT connection, 'network', identifier, activity_date FROM core.network_activity WHERE person_id = $1
    UNION ALL SELECT connection, 'spend', identifier, transaction_date FROM core.spend_lines WHERE payer_person_id = $1
) AS u GROUP BY identifier, connection, what ORDER BY identifier, connection, what`, func(scan func(...any) error) error {
		var identifier string
		var s Sighting
		if err := scan(&identifier, &s.Connection, &s.What, &s.Rows, &s.First, &s.Last); err != nil {
			return err
		}
		for i := range e.Identifiers {
			if e.Identifiers[i].Identifier == identifier {
				e.Identifiers[i].Sightings = append(e.Identifiers[i].Sightings, s)
			}
		}
		return nil
	}, e.PersonID)
}

func (e *PersonExplanation) holdings(ctx context.Context, db *sql.DB) error {
	for _, h := range []struct {
		into  *[]Holding
		query string
	}{
		{&e.Accounts, `SELECT a.connection, a.app_id, a.instance_id, CAST(a.snapshot_date AS VARCHAR), concat_ws(', ', a.account_id, a.tier, a.status)
FROM core.accounts AS a JOIN (SELECT connection, max(snapshot_date) AS day FROM core.accounts GROUP BY connection) AS n
  ON n.connection = a.connection AND n.day = a.snapshot_date WHERE a.person_id = ? ORDER BY ALL`},
		{&e.Assignments, `SELECT a.connection, a.app_id, a.instance_id, CAST(a.snapshot_date AS VARCHAR), coalesce(a.assigned_via, '') || coalesce(' by ' || a.groups, '')
FROM core.sso_assignments AS a JOIN (SELECT connection, max(snapshot_date) AS day FROM core.sso_assignments GROUP BY connection) AS n
  ON n.connection = a.connection AND n.day = a.snapshot_date WHERE a.person_id = ? ORDER BY ALL`},
		{&e.Activity, `SELECT '', app_id, instance_id, CAST(max(activity_date) AS VARCHAR), concat_ws(', ',
  'last engaged on ' || CAST(max(activity_date) FILTER (WHERE engaged_actions > 0) AS VARCHAR),
  'last signed in on ' || CAST(max(activity_date) FILTER (WHERE logins > 0) AS VARCHAR))
FROM core.activity_daily WHERE person_id = ? GROUP BY app_id, instance_id ORDER BY 4 DESC, 2, 3`},
	} {
		err := each(ctx, db, h.query, func(scan func(...any) error) error {
			var x Holding
			err := scan(&x.Connection, &x.AppID, &x.InstanceID, &x.Date, &x.Detail)
			*h.into = append(*h.into, x)
			return err
		}, e.PersonID)
		if err != nil {
			return err
		}
	}
	return nil
}
