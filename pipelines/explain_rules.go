package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Bases of a provisioned number.
const (
	basisExact     = "connector_exact"
	basisEngaged   = "engaged_120d"
	basisAssigned  = "sso_assigned"
	basisEstimated = "sso_assigned_estimated"
	basisLogin     = "sso_login_120d"
)

// rule is one of the rules of the provisioned number, in words and in the queries that show
// what it rests on. It decides nothing: the number comes from the warehouse.
type rule struct {
	basis string
	title string
	words string
	// data counts the rows the rule could use up to a date: $1 app, $2 instance, $3 date.
	data string
	// missing says why the rule does not apply when there are none.
	missing string
	// people lists who is counted, as person_id, email, name, detail: $1 app, $2 instance, $3 date.
	people string
}

// lists picks the whole list of each connection that counts on a date: several of one instance add up.
const lists = `(
  SELECT connection, max(snapshot_date) AS snapshot_date FROM core.snapshots
  WHERE feed = '%s' AND snapshot_date <= CAST($3 AS DATE) AND (disconnected_on IS NULL OR CAST($3 AS DATE) <= disconnected_on)
  GROUP BY connection) AS l`

// Service accounts are no people: their person_id starts with service:. On a roster they count,
// as accounts do.
var rosterPeople = `
SELECT a.person_id, COALESCE(a.email, a.account_id), p.display_name, concat_ws(', ', a.tier, a.status)
FROM ` + fmt.Sprintf(lists, "roster") + ` JOIN core.accounts AS a ON a.connection = l.connection AND a.snapshot_date = l.snapshot_date
LEFT JOIN core.people AS p ON p.person_id = a.person_id
WHERE a.app_id = $1 AND a.instance_id = $2
  AND COALESCE(a.status, 'active') <> 'deactivated'
ORDER BY 2, 1`

const engagedPeople = `
SELECT e.person_id, COALESCE(max(p.primary_email), max(e.email)), max(p.display_name),
  'last engaged on ' || CAST(max(e.event_date) AS VARCHAR)
FROM core.engagement_events AS e LEFT JOIN core.people AS p ON p.person_id = e.person_id
WHERE e.app_id = $1 AND e.instance_id = $2 AND e.is_engaged AND e.person_id NOT LIKE 'service:%'
  AND e.event_date BETWEEN CAST($3 AS DATE) - 119 AND CAST($3 AS DATE)
GROUP BY e.person_id ORDER BY 2, 1`

var assignedPeople = `
SELECT s.person_id, COALESCE(max(p.primary_email), max(s.email)), max(p.display_name),
  'assigned ' || string_agg(DISTINCT s.assigned_via || COALESCE(' by ' || NULLIF(s.groups, ''), ''), ' and ')
FROM ` + fmt.Sprintf(lists, "sso_assignments") + ` JOIN core.sso_assignments AS s ON s.connection = l.connection AND s.snapshot_date = l.snapshot_date
LEFT JOIN core.people AS p ON p.person_id = s.person_id
WHERE s.app_id = $1 AND s.instance_id = $2 AND s.idp IN ('okta', 'onelogin')
  AND s.person_id NOT LIKE 'service:%'
GROUP BY s.person_id ORDER BY 2, 1`

const loginPeople = `
SELECT l.person_id, COALESCE(max(p.primary_email), max(l.email)), max(p.display_name),
  'last login on ' || CAST(max(l.login_date) AS VARCHAR)
FROM core.sso_logins AS l LEFT JOIN core.people AS p ON p.person_id = l.person_id
WHERE l.app_id = $1 AND l.instance_id = $2 AND l.outcome = 'SUCCESS' AND l.kind = 'managed' AND l.person_id NOT LIKE 'service:%'
  AND l.login_date BETWEEN CAST($3 AS DATE) - 119 AND CAST($3 AS DATE)
GROUP BY l.person_id ORDER BY 2, 1`

const assignedData = `SELECT count(*) FROM core.sso_assignments
WHERE app_id = $1 AND instance_id = $2 AND snapshot_date <= CAST($3 AS DATE) AND idp IN ('okta', 'onelogin')`

// rules in the order in which they are tried; the first with data gives the number.
var rules = []rule{
	{
		basis: basisExact, title: "roster of a direct connector",
		words: "a direct connector gives the app's roster: every account on it counts, but for deactivated ones",
		data: `SELECT count(*) FROM core.accounts
WHERE app_id = $1 AND instance_id = $2 AND snapshot_date <= CAST($3 AS DATE)`,
		missing: "no direct connector has given a whole roster on or before this date",
		people:  rosterPeople,
	},
	{
		basis: basisEngaged, title: "people engaged in the last 120 days",
		words: "a direct connector gives usage but no roster: people with an engaged action in the last 120 days count",
		data: `SELECT count(*) FROM core.engagement_events
WHERE app_id = $1 AND instance_id = $2 AND event_date <= CAST($3 AS DATE)`,
		missing: "no direct connector has given usage on or before this date",
		people:  engagedPeople,
	},
	{
		basis: basisAssigned, title: "people assigned in Okta or OneLogin",
		words: "no direct connector; the app is behind Okta or OneLogin: the people assigned to it that day count",
		data:  assignedData, missing: "Okta or OneLogin has given no whole set of assignments on or before this date",
		people: assignedPeople,
	},
	{
		basis: basisEstimated, title: "people last known to be assigned",
		words: "no direct connector; the app is behind Okta or OneLogin, but that day's assignments are missing or not whole: the people of the last whole set count, as an estimate",
		data:  assignedData, missing: "Okta or OneLogin has given no whole set of assignments on or before this date",
		people: assignedPeople,
	},
	{
		basis: basisLogin, title: "people who logged in during the last 120 days",
		words: "no direct connector and no assignments: the people who logged in through the identity provider in the last 120 days count",
		data: `SELECT count(*) FROM core.sso_logins
WHERE app_id = $1 AND instance_id = $2 AND login_date <= CAST($3 AS DATE) AND outcome = 'SUCCESS' AND kind = 'managed'`,
		missing: "no successful managed login on or before this date",
		people:  loginPeople,
	},
}

// others says of each rule but the one that applied why it did not.
func (e *Explanation) others(ctx context.Context, db *sql.DB) ([]OtherUse, error) {
	var uses []OtherUse
	applied := false
	for _, r := range rules {
		if r.basis == e.Basis {
			applied = true
			continue
		}
		if twin(r.basis, e.Basis) {
			uses = append(uses, OtherUse{r.title, twinReason(r.basis)})
			continue
		}
		var n int64
		if err := db.QueryRowContext(ctx, r.data, e.AppID, e.InstanceID, e.Date).Scan(&n); err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
		why := r.missing
		switch {
		case n > 0 && applied:
			why = "it has data, but a better rule applies"
		case n > 0:
			why = "it has data, but not from a connection that counted on this date"
		}
		uses = append(uses, OtherUse{r.title, why})
	}
	return uses, nil
}

// twin tells whether two bases are the two faces of the assignment rule.
func twin(a, b string) bool {
	return a == basisAssigned && b == basisEstimated || a == basisEstimated && b == basisAssigned
}

func twinReason(basis string) string {
	if basis == basisEstimated {
		return "that day's assignments are there, so no estimate is needed"
	}
	return "there is no whole set of assignments of this very day"
}

// people lists who is counted; none when the number is unknown.
func (e *Explanation) people(ctx context.Context, db *sql.DB) ([]Person, error) {
	people := []Person{}
	for _, r := range rules {
		if r.basis != e.Basis {
			continue
		}
		rows, err := db.QueryContext(ctx, r.people, e.AppID, e.InstanceID, e.Date)
		if err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
		for rows.Next() {
			var id, email, name, detail sql.NullString
			if err := rows.Scan(&id, &email, &name, &detail); err != nil {
				return nil, errors.Join(fmt.Errorf("explain: %w", err), rows.Close())
			}
			people = append(people, Person{id.String, email.String, name.String, detail.String})
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
	}
	return people, nil
}
