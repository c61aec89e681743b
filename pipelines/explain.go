package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/yamlx"
)

// provisionedModel is where the number is made.
const provisionedModel = "sql/reports/provisioned_users_daily.sql"

// Explanation says where the provisioned number of one instance on one date comes from.
type Explanation struct {
	AppID            string     `json:"app_id"`
	AppName          string     `json:"app_name"`
	InstanceID       string     `json:"instance_id"`
	Date             string     `json:"date"`
	ProvisionedUsers *int64     `json:"provisioned_users"` // nil: unknown
	Basis            string     `json:"basis"`
	Rule             string     `json:"rule"` // the rule in words
	BasisConnection  string     `json:"basis_connection,omitempty"`
	BasisAsOf        string     `json:"basis_as_of,omitempty"`
	WindowDays       *int64     `json:"window_days,omitempty"`
	WindowComplete   *bool      `json:"window_complete,omitempty"`
	IsStale          bool       `json:"is_stale"`
	Sources          []Source   `json:"sources"`
	OtherRules       []OtherUse `json:"other_rules"`
	People           []Person   `json:"people"`
	SQLFile          string     `json:"sql_file"`
}

// Source is a stream of the connection that the number comes from.
type Source struct {
	Connection string     `json:"connection"`
	Stream     string     `json:"stream"`
	State      string     `json:"state"`
	Watermark  *time.Time `json:"watermark"`
	// LastSuccessAt is when the stream was read whole last; lists that carry no date have no watermark.
	LastSuccessAt *time.Time `json:"last_success_at"`
	IsStale       bool       `json:"is_stale"`
	Error         string     `json:"error,omitempty"`
}

// OtherUse says why a rule did not give the number.
type OtherUse struct {
	Rule string `json:"rule"`
	Why  string `json:"why"`
}

// Person is one of those counted: an account for rosters, a person otherwise.
type Person struct {
	PersonID string `json:"person_id,omitempty"`
	Email    string `json:"email,omitempty"`
	Name     string `json:"name,omitempty"`
	// Detail is what made them count: tier and status, how assigned, last active on.
	Detail string `json:"detail,omitempty"`
}

// ExplainRequest says what to explain.
type ExplainRequest struct {
	App      string // id, name or alias
	Instance string // empty: all
	Date     string // YYYY-MM-DD; empty: the newest
}

// Explain answers from the published warehouse, one explanation per instance.
func Explain(ctx context.Context, db *sql.DB, req ExplainRequest) ([]Explanation, error) {
	if req.Date != "" {
		if _, err := time.Parse(time.DateOnly, req.Date); err != nil {
			return nil, Usagef("--date %q is not a date: write it as YYYY-MM-DD", req.Date)
		}
	}
	id, name, err := findApp(ctx, db, req.App)
	if err != nil {
		return nil, err
	}
	explanations, err := numbers(ctx, db, req, id, name)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	if err = ask(ctx, conn, "SELECT CAST(? AS DATE) AS as_of, ? AS app_id", explanations[0].Date, id); err == nil {
		for i := range explanations {
			if err = explanations[i].fill(ctx, conn); err != nil {
				break
			}
		}
	}
	if err := errors.Join(err, conn.Close()); err != nil {
		return nil, err
	}
	return explanations, nil
}

func findApp(ctx context.Context, db *sql.DB, app string) (id, name string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT app_id, app_name FROM core.apps ORDER BY app_id")
	if err != nil {
		return "", "", fmt.Errorf("explain: %w", err)
	}
	var all []string
	for rows.Next() {
		var i string
		var n sql.NullString
		if err := rows.Scan(&i, &n); err != nil {
			return "", "", errors.Join(fmt.Errorf("explain: %w", err), rows.Close())
		}
		if id == "" && (strings.EqualFold(i, app) || strings.EqualFold(n.String, app)) {
			id, name = i, n.String
		}
		all = append(all, i)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return "", "", fmt.Errorf("explain: %w", err)
	}
	if id == "" {
		return "", "", Usagef("there is no app %q in the warehouse%s", app, yamlx.Hint(app, all))
	}
	return id, name, nil
}

// numbers reads the app's rows of the date, one per instance.
func numbers(ctx context.Context, db *sql.DB, req ExplainRequest, id, name string) ([]Explanation, error) {
	const query = `
SELECT instance_id, CAST(date AS VARCHAR), provisioned_users, basis, basis_connection, CAST(basis_as_of AS VARCHAR),
  window_days, window_complete, is_stale
FROM reports.provisioned_users_daily
WHERE app_id = ? AND (? = '' OR instance_id = ?)
  AND date = COALESCE(TRY_CAST(NULLIF(?, '') AS DATE), (SELECT max(date) FROM reports.provisioned_users_daily WHERE app_id = ?))
ORDER BY instance_id`
	rows, err := db.QueryContext(ctx, query, id, req.Instance, req.Instance, req.Date, id)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	var found []Explanation
	for rows.Next() {
		e := Explanation{AppID: id, AppName: name, SQLFile: provisionedModel}
		var connection, asOf sql.NullString
		var users, days sql.NullInt64
		var complete, stale sql.NullBool
		if err := rows.Scan(&e.InstanceID, &e.Date, &users, &e.Basis, &connection, &asOf, &days, &complete, &stale); err != nil {
			return nil, errors.Join(fmt.Errorf("explain: %w", err), rows.Close())
		}
		e.BasisConnection, e.BasisAsOf, e.IsStale = connection.String, asOf.String, stale.Bool
		e.ProvisionedUsers, e.WindowDays = optionalInt(users), optionalInt(days)
		if complete.Valid {
			e.WindowComplete = &complete.Bool
		}
		found = append(found, e)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	if len(found) > 0 {
		return found, nil
	}
	return nil, noNumber(ctx, db, req, id)
}

// noNumber says why there is no row: another instance, or a date outside the series.
func noNumber(ctx context.Context, db *sql.DB, req ExplainRequest, id string) error {
	var first, last, instances sql.NullString
	err := db.QueryRowContext(ctx, `
SELECT CAST(min(date) AS VARCHAR), CAST(max(date) AS VARCHAR), string_agg(DISTINCT instance_id, ', ' ORDER BY instance_id)
FROM reports.provisioned_users_daily WHERE app_id = ?`, id).Scan(&first, &last, &instances)
	switch {
	case err != nil:
		return fmt.Errorf("explain: %w", err)
	case !first.Valid:
		return fmt.Errorf("%s has no provisioned number: it is known only from spend, network, contracts or social logins", id)
	case req.Instance != "" && !strings.Contains(", "+instances.String+", ", ", "+req.Instance+", "):
		return Usagef("%s has no instance %q: its instances are %s", id, req.Instance, instances.String)
	}
	return fmt.Errorf("%s has no number on %s: its series runs from %s to %s", id, req.Date, first.String, last.String)
}

func optionalInt(n sql.NullInt64) *int64 {
	if !n.Valid {
		return nil
	}
	return &n.Int64
}

// fill adds the words, the sources, the other rules and the people.
func (e *Explanation) fill(ctx context.Context, conn *sql.Conn) error {
	e.Rule = "none of the rules has data on or before this date, so the number is unknown, not zero"
	for _, r := range rules {
		if r.basis == e.Basis {
			e.Rule = r.words
		}
	}
	var err error
	if e.Sources = []Source{}; e.BasisConnection != "" {
		e.Sources, err = sources(ctx, conn, e.BasisConnection)
	}
	if err != nil {
		return err
	}
	if e.OtherRules, err = e.others(ctx, conn); err != nil {
		return err
	}
	e.People, err = e.people(ctx, conn)
	return err
}

// sources gives how streams stand: those of a connection, or with "" all.
func sources(ctx context.Context, q querier, connection string) ([]Source, error) {
	all := []Source{}
	err := each(ctx, q, `
SELECT connection, coalesce(stream, ''), coalesce(state, ''), watermark, last_success_at, coalesce(is_stale, false), coalesce(error, '')
FROM reports.connection_health
WHERE ? IN ('', connection)
ORDER BY state = 'error' DESC, is_stale DESC NULLS LAST, connection, stream`, func(scan func(...any) error) error {
		var s Source
		var watermark, success sql.NullTime
		if err := scan(&s.Connection, &s.Stream, &s.State, &watermark, &success, &s.IsStale, &s.Error); err != nil {
			return err
		}
		if watermark.Valid {
			s.Watermark = &watermark.Time
		}
		if success.Valid {
			s.LastSuccessAt = &success.Time
		}
		all = append(all, s)
		return nil
	}, connection)
	return all, err
}
