package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/pipelines"
)

// explainsRows asks the demo for rows, tables and people, and for what is not there.
func explainsRows(t *testing.T, file string) {
	t.Helper()
	explain := func(args ...string) result { return cli(append([]string{"--config", file, "explain"}, args...)...) }
	for _, c := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"a row with its people", []string{"engagement", "app=zoom", "instance_id=zoom", "--people"}, 0, []string{
			"reports.engagement: How many of an instance's", "SQL      sql/reports/engagement.sql", "Reads    reports.provisioned_users_daily (sql/reports/provisioned_users_daily.sql)",
			"List     sql/seeds/engaged_actions.csv; a file seeds/engaged_actions.csv in the workspace replaces it",
			"Stream   zoom/meetings connected, complete up to ", "Behind it, by sql/people/engagement.sql:", "engaged_users: ", "last engaged on ", "--all lists them"}},
		{"one column", []string{"engagement", "app=zoom", "instance_id=zoom", "--people", "--column", "unique_logins"}, 0, []string{"unique_logins: ", "last signed in on "}},
		{"a whole table with its SQL", []string{"reports.spend_by_person", "--sql"}, 0, []string{"One row per month, person_id", "NULL when unknown", "-- materialize: dated"}},
		{"a core table", []string{"core.people"}, 0, []string{"sql/core/people.sql", "Stream   bamboohr/employees"}},
		{"lists that carry no date", []string{"core.contracts"}, 0, []string{"Stream   contract-list/contracts connected, read whole at "}},
		{"several rows", []string{"team_engagement", "app=zoom", "dimension=team"}, 2, []string{"rows of reports.team_engagement match", "dimension_value=Sales"}},
		{"no such value", []string{"engagement", "app=zom"}, 2, []string{"did you mean zoom?"}},
		{"values that don't go together", []string{"team_engagement", "app=zoom", "dimension=location", "dimension_value=Sales"}, 2, []string{"without dimension_value there are:"}},
		{"no such column", []string{"engagement", "ap=zoom"}, 2, []string{`has no column "ap"`}},
		{"no such column to explain", []string{"engagement", "app=zoom", "--column", "engaged_user"}, 2, []string{"did you mean engaged_users?"}},
		{"no such report", []string{"engagment"}, 2, []string{"did you mean engagement?"}},
		{"no such report with a key", []string{"engagment", "app=zoom"}, 2, []string{"did you mean engagement?"}},
		{"no key", []string{"engagement", "zoom"}, 2, []string{`"zoom" is no COLUMN=VALUE`}},
		{"people of no row", []string{"engagement", "--people"}, 2, []string{"say which row"}},
		{"people of a table without any", []string{"connection_health", "connection=zoom", "stream=users", "--people"}, 2, []string{"has no people"}},
		{"nobody", []string{"--person", "nobody-at-all"}, 2, []string{`no source names "nobody-at-all"`}},
		{"several people", []string{"--person", "e@"}, 2, []string{"people match"}},
		{"a person and an app", []string{"zoom", "--person", "x"}, 2, []string{"say what to explain"}},
	} {
		r := explain(c.args...)
		require.Equal(t, c.code, r.code, "%s: %s", c.name, r.errors)
		for _, want := range c.want {
			assert.Contains(t, r.out+r.errors, want, c.name)
		}
	}
	explainsTheRenamed(t, file, explain)
}

// explainsTheRenamed looks at one of those whose address changed, in each format.
func explainsTheRenamed(t *testing.T, file string, explain func(...string) result) {
	t.Helper()
	who := cli("--config", file, "query", "--format", "csv", `SELECT i.person_id FROM core.person_identifiers AS i JOIN core.accounts AS a ON a.person_id = i.person_id
WHERE a.connection = 'zoom' AND i.evidence = 'hr' GROUP BY i.person_id HAVING count(DISTINCT i.identifier) > 1 ORDER BY 1 LIMIT 1`)
	require.Zero(t, who.code, who.errors)
	id := strings.TrimSpace(strings.TrimPrefix(who.out, "person_id\n"))
	require.NotEmpty(t, id)
	text := explain("--person", id)
	require.Zero(t, text.code, text.errors)
	for _, want := range []string{"person_id " + id, "HR lists it", "bamboohr: org chart", "zoom: account", "Assignments: "} {
		assert.Contains(t, text.out, want)
	}
	var e pipelines.PersonExplanation
	asJSON := explain("--person", id, "--format", "json")
	require.NoError(t, json.Unmarshal([]byte(asJSON.out), &e))
	assert.Equal(t, id, e.PersonID)
	assert.Greater(t, len(e.Identifiers), 1)
	assert.NotEmpty(t, e.Managers)
	rows := explain("--person", id, "--format", "csv")
	assert.True(t, strings.HasPrefix(rows.out, "person_id,identifier,evidence,linked_by,first_seen,connection,what,first,last\n"), rows.out)

	var row pipelines.TableExplanation
	asJSON = explain("app_portfolio", "app=zoom", "--people", "--format", "json")
	require.NoError(t, json.Unmarshal([]byte(asJSON.out), &row))
	assert.NotEmpty(t, row.Behind)
	assert.Equal(t, []string{"reports.app_portfolio"}, []string{row.Table})
	list := explain("app_portfolio", "app=zoom", "--people", "--format", "csv")
	assert.Equal(t, len(row.Behind)+1, strings.Count(list.out, "\n"))
}
