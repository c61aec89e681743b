package transform_test

import (
	"context"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/pipelines"
)

// TestEveryNumberHasItsPeople: on a random history, what explain lists behind a row is as many
// people, accounts or transactions as the row counts, in every report that counts any.
func TestEveryNumberHasItsPeople(t *testing.T) {
	t.Parallel()
	s := newStoryteller(t, 8)
	for day := range 25 {
		s.tell(day)
	}
	s.w.run(date(24))
	ctx := context.Background()
	db, err := duck.Open(ctx, filepath.Join(s.w.dir, "warehouse", "build.duckdb"), duck.Options{ReadOnly: true, Sandboxed: true})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	compared := map[string]int{}
	r := rand.New(rand.NewPCG(1, 1))
	for _, report := range []string{
		"provisioned_users_daily", "engagement", "team_engagement", "team_cost", "feature_usage", "app_portfolio", "contract_usage",
		"discovered_apps", "spend_by_department", "spend_by_person", "spend_by_class", "unmapped_spend", "estimate_backtest",
		"rightsizing", "reclaim_candidates", "disagreements", "renewals",
	} {
		keys := queryFile(t, filepath.Join(s.w.dir, "warehouse", "build.duckdb"), "SELECT column_name FROM reports.data_dictionary WHERE schema_name = 'reports' AND table_name = '"+report+"' AND is_key ORDER BY position")
		columns := ""
		for _, k := range keys {
			columns += k[0] + ", "
		}
		rows := s.w.rows("SELECT " + columns + "FROM reports." + report + " ORDER BY ALL")
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for _, row := range rows[:min(len(rows), 25)] {
			req := pipelines.TableRequest{Table: report, Behind: true}
			for i, k := range keys {
				value := row[i]
				if value == "–" {
					value = ""
				}
				req.Where = append(req.Where, pipelines.Filter{Column: k[0], Value: value})
			}
			e, err := pipelines.ExplainTable(ctx, db, req)
			require.NoError(t, err, "%v", req)
			requireCounted(t, req, e, compared)
		}
	}
	assert.Greater(t, len(compared), 20, "%v", compared)
}

// uncounted are measures that list the input of a number, not what it counts.
var uncounted = map[string]bool{"recommended_licences": true, "licences": true}

func requireCounted(t *testing.T, req pipelines.TableRequest, e *pipelines.TableExplanation, compared map[string]int) {
	t.Helper()
	counts, sums := map[string]int{}, map[string]*big.Rat{}
	seen := map[string]bool{}
	for _, b := range e.Behind {
		key := b.Measure + " " + b.Item + " " + b.Detail
		assert.False(t, seen[b.Measure+"|"+b.Item] && b.Measure != "activity" && b.Measure != "assignment", "%s twice in %v", key, req)
		seen[b.Measure+"|"+b.Item] = true
		counts[b.Measure]++
		if v, ok := new(big.Rat).SetString(b.Value); ok {
			if sums[b.Measure] == nil {
				sums[b.Measure] = new(big.Rat)
			}
			sums[b.Measure].Add(sums[b.Measure], v)
		}
	}
	for _, c := range e.Columns {
		if c.Value == nil {
			if c.Type != "BIGINT" { // the transactions are there, an exchange rate is not
				continue
			}
			assert.Zero(t, counts[c.Column], "%s of %v is unknown", c.Column, req)
			continue
		}
		n, listed := counts[c.Column]
		if !listed || uncounted[c.Column] {
			continue
		}
		got := strconv.Itoa(n)
		if c.Type != "BIGINT" {
			require.NotNil(t, sums[c.Column], "%s of %v", c.Column, req)
			got = round2(sums[c.Column])
		}
		assert.Equal(t, *c.Value, got, "%s of %v", c.Column, req)
		compared[e.Table+"."+c.Column]++
	}
	for _, measure := range []string{"provisioned_users", "engaged_users", "not_engaged_users", "engaged_not_provisioned", "unique_logins", "users", "people", "active_users"} {
		for _, c := range e.Columns {
			if c.Column == measure && c.Value != nil && *c.Value != "0" {
				assert.NotZero(t, counts[measure], "%s of %v is %s, and nobody is listed", measure, req, *c.Value)
			}
		}
	}
}
