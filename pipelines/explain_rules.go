package pipelines

import (
	"context"
	"database/sql"
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
}

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
	},
	{
		basis: basisEngaged, title: "people engaged in the last 120 days",
		words: "a direct connector gives usage but no roster: people with an engaged action in the last 120 days count",
		data: `SELECT count(*) FROM core.engagement_events
WHERE app_id = $1 AND instance_id = $2 AND event_date <= CAST($3 AS DATE)`,
		missing: "no direct connector has given usage on or before this date",
	},
	{
		basis: basisAssigned, title: "people assigned in Okta or OneLogin",
		words: "no direct connector; the app is behind Okta or OneLogin: the people assigned to it that day count",
		data:  assignedData, missing: "Okta or OneLogin has given no whole set of assignments on or before this date",
	},
	{
		basis: basisEstimated, title: "people last known to be assigned",
		words: "no direct connector; the app is behind Okta or OneLogin, but that day's assignments are missing or not whole: the people of the last whole set count, as an estimate",
		data:  assignedData, missing: "Okta or OneLogin has given no whole set of assignments on or before this date",
	},
	{
		basis: basisLogin, title: "people who logged in during the last 120 days",
		words: "no direct connector and no assignments: the people who logged in through the identity provider in the last 120 days count",
		data: `SELECT count(*) FROM core.sso_logins
WHERE app_id = $1 AND instance_id = $2 AND login_date <= CAST($3 AS DATE) AND outcome = 'SUCCESS' AND kind = 'managed'`,
		missing: "no successful managed login on or before this date",
	},
}

// others says of each rule but the one that applied why it did not.
func (e *Explanation) others(ctx context.Context, conn *sql.Conn) ([]OtherUse, error) {
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
		if err := conn.QueryRowContext(ctx, r.data, e.AppID, e.InstanceID, e.Date).Scan(&n); err != nil {
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
func (e *Explanation) people(ctx context.Context, conn *sql.Conn) ([]Person, error) {
	people := []Person{}
	err := each(ctx, conn, `SELECT h.person_id, coalesce(h.account, p.primary_email, h.person_id), coalesce(p.display_name, ''), h.detail
FROM holders AS h LEFT JOIN core.people AS p ON p.person_id = h.person_id
WHERE h.instance_id = ? ORDER BY 2, 1`, func(scan func(...any) error) error {
		var p Person
		err := scan(&p.PersonID, &p.Email, &p.Name, &p.Detail)
		people = append(people, p)
		return err
	}, e.InstanceID)
	return people, err
}
