package transform_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	rightsql "github.com/rightseat/rightseat/sql"
	"github.com/rightseat/rightseat/transform"
)

// okta is a world with one Okta organisation, whose lists a test writes as the engine lands them.
type okta struct {
	*world
	whole map[string]string // by parent, the snapshot with its last whole list
	dates map[string]string // by snapshot
}

func newOkta(t testing.TB) *okta {
	w := newWorld(t)
	w.config.Connections = append(w.config.Connections, config.Connection{Name: "okta", Connector: "okta"})
	return &okta{world: w, whole: map[string]string{}, dates: map[string]string{}}
}

func (o *okta) options(asOf string) transform.Options {
	opts := o.world.options(asOf)
	opts.Connectors["okta"] = transform.Connector{Name: "okta", Class: "sso", IDP: "okta"}
	opts.Staging = append(opts.Staging, transform.StagingDir{Connector: "okta", FS: rightsql.Files, Dir: "staging/okta"})
	return opts
}

func (o *okta) run(asOf string) {
	o.t.Helper()
	_, err := transformRun(o.options(asOf))
	require.NoError(o.t, err)
}

func (o *okta) rebuildIsTheSame(asOf string) {
	o.t.Helper()
	opts := o.options(asOf)
	opts.BuildPath, opts.CorePath, opts.FullRefresh = filepath.Join(o.t.TempDir(), "rebuilt.duckdb"), "", true
	_, err := transformRun(opts)
	require.NoError(o.t, err)
	requireSameRows(o.t, filepath.Join(o.dir, "warehouse", "build.duckdb"), opts.BuildPath)
}

// land writes one snapshot of a stream: a list per parent, "" without parents.
func (o *okta) land(stream, date string, at time.Duration, lists map[string][]record, unread ...lake.UnreadList) {
	o.t.Helper()
	b := o.begin("okta", stream)
	read := parseTime(o.t, date).Add(at)
	id := fmt.Sprintf("%s-%s-%d", stream, date, o.seq)
	for parent, list := range lists {
		for _, r := range list {
			key, _ := r["id"].(string)
			row := lake.Row{RecordID: key, ParentID: parent, SnapshotID: id, SnapshotDate: date, ExtractedAt: read, Source: "/api", Payload: payload(o.t, r)}
			if parent != "" {
				row.RecordID = parent + "|" + key
			}
			require.NoError(o.t, b.Append(row))
		}
	}
	missing := map[string]bool{}
	for i, u := range unread {
		missing[u.Parent] = true
		if !u.LeftOut {
			unread[i].Kept = o.whole[stream+u.Parent]
			unread[i].KeptDate = o.dates[unread[i].Kept]
		}
	}
	o.dates[id] = date
	for parent := range lists {
		if !missing[parent] {
			o.whole[stream+parent] = id
		}
	}
	_, err := b.Commit(lake.Commit{RunID: "r", Connector: "okta", CommittedAt: read, State: lake.Complete, Watermark: &read,
		Snapshots: []lake.Snapshot{{ID: id, Date: date, ReadAt: read, Unread: unread}}})
	require.NoError(o.t, err)
}

func people(numbers ...int) []record {
	out := []record{}
	for _, n := range numbers {
		out = append(out, record{"id": fmt.Sprint("u", n), "scope": "USER", "status": "ACTIVE", "profile": record{"email": fmt.Sprintf("u%d@acme.example", n)}})
	}
	return out
}

func oktaApps(names ...string) map[string][]record {
	var out []record
	for _, n := range names {
		out = append(out, record{"id": n, "label": "App " + n, "status": "ACTIVE"})
	}
	return map[string][]record{"": out}
}

func (o *okta) series(app string) [][]string {
	return o.rows("SELECT date, provisioned_users, basis, basis_as_of, is_stale FROM reports.provisioned_users_daily WHERE app_id = '" + app + "' ORDER BY date")
}

// TestASickAppKeepsItsLastWholeList: half of what was read of it never counts, and the others go on.
func TestASickAppKeepsItsLastWholeList(t *testing.T) {
	t.Parallel()
	o := newOkta(t)
	refused := lake.UnreadList{Parent: "b", Name: "App b", Reason: "403 Forbidden"}
	for d := range 6 {
		o.land("apps", date(d), time.Hour, oktaApps("a", "b", "c"))
		switch d {
		case 0:
			o.land("app_users", date(d), 2*time.Hour, map[string][]record{"a": people(1, 2), "b": people(1, 2, 3), "c": {}})
		case 5:
			o.land("app_users", date(d), 2*time.Hour, map[string][]record{"a": people(1, 2), "b": people(4), "c": people(7)})
		default: // the first page of b came; c, empty before, was refused
			o.land("app_users", date(d), 2*time.Hour, map[string][]record{"a": people(1, 2, 5), "b": people(9)}, refused, lake.UnreadList{Parent: "c", Reason: "500"})
		}
		if d == 0 || d > 2 {
			o.run(date(d))
		}
	}
	o.rebuildIsTheSame(date(5))
	line := func(d int, n, basis string, of int, stale string) []string {
		return []string{date(d), n, basis, date(of), stale}
	}
	assert.Equal(t, [][]string{
		line(0, "3", "sso_assigned", 0, "false"), line(1, "3", "sso_assigned_estimated", 0, "false"), line(2, "3", "sso_assigned_estimated", 0, "false"),
		line(3, "3", "sso_assigned_estimated", 0, "true"), line(4, "3", "sso_assigned_estimated", 0, "true"), line(5, "1", "sso_assigned", 5, "false"),
	}, o.series("app-b"))
	assert.Equal(t, "0", o.series("app-c")[4][1], "known to be empty then")
	assert.Equal(t, line(4, "3", "sso_assigned", 4, "false"), o.series("app-a")[4])
	assert.Equal(t, [][]string{{"3"}}, o.rows("SELECT count(*) FROM core.sso_assignments WHERE app_id = 'app-b' AND snapshot_date = DATE '"+date(4)+"'"))
}

func TestAnAppThatWasNeverReadIsNotEmpty(t *testing.T) {
	t.Parallel()
	o := newOkta(t)
	o.land("apps", date(0), time.Hour, oktaApps("a", "b"))
	o.land("app_users", date(0), 2*time.Hour, map[string][]record{"a": people(1), "b": people(1)}, lake.UnreadList{Parent: "b", Reason: "403"})
	o.run(date(0))
	assert.Empty(t, o.series("app-b"))
	assert.Equal(t, "1", o.series("app-a")[0][1])
}

func TestAnAppLeftOutFallsBackToNothing(t *testing.T) {
	t.Parallel()
	o := newOkta(t)
	for d := range 2 {
		o.land("apps", date(d), time.Hour, oktaApps("a", "b"))
	}
	o.land("app_users", date(0), 2*time.Hour, map[string][]record{"a": people(1), "b": people(1, 2)})
	o.land("app_users", date(1), 2*time.Hour, map[string][]record{"a": people(1)}, lake.UnreadList{Parent: "b", Reason: "left out", LeftOut: true})
	o.run(date(1))
	got := o.series("app-b")
	assert.Equal(t, "2", got[0][1])
	assert.Equal(t, []string{date(1), "–", "none", "–", "false"}, got[1])
}

// TestListsPerParentRefusedAndRestored compares, on random histories, every night's number with what the last whole list
// says, and the increment with a rebuild.
func TestListsPerParentRefusedAndRestored(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1) {
		t.Run(fmt.Sprint("history ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 27))
			o := newOkta(t)
			type list struct {
				n   int
				day string
			}
			last := map[string]list{}
			groups := map[string][]record{"": {record{"id": "g", "type": "OKTA_GROUP", "profile": record{"name": "Staff"}}}}
			for d := range 10 {
				names := []string{"a", "b", "c", "d"}[:3+r.IntN(2)]
				o.land("apps", date(d), time.Hour, oktaApps(names...))
				o.land("groups", date(d), time.Hour, groups)
				for pass := range 1 + r.IntN(2) { // read twice on some days
					lists, unread := map[string][]record{}, []lake.UnreadList{}
					for _, n := range names {
						count := r.IntN(5)
						lists[n] = people([]int{0, 1, 2, 3, 4}[:count]...)
						if r.IntN(3) == 0 && n != "a" {
							unread = append(unread, lake.UnreadList{Parent: n, Reason: "403"})
						} else {
							last[n] = list{count, date(d)}
						}
					}
					o.land("app_users", date(d), time.Duration(2+pass)*time.Hour, lists, unread...)
					grants := map[string][]record{"a": {record{"id": "g"}}}
					var refused []lake.UnreadList
					if d > 0 && r.IntN(2) == 0 { // what the group grants is not read, and stays what it was
						grants, refused = map[string][]record{"a": {}}, []lake.UnreadList{{Parent: "a", Reason: "500"}}
					}
					o.land("app_groups", date(d), time.Duration(2+pass)*time.Hour, grants, refused...)
					o.land("group_users", date(d), time.Duration(2+pass)*time.Hour, map[string][]record{"g": people(0, 1, 2, 3, 4)})
				}
				for n := range last {
					if n == "d" && len(names) == 3 {
						last[n] = list{0, date(d)} // not listed any more
					}
				}
				if r.IntN(3) == 0 && d < 9 {
					continue
				}
				o.run(date(d))
				for n, want := range last {
					got := o.rows("SELECT provisioned_users, basis_as_of FROM reports.provisioned_users_daily WHERE app_id = ? AND date = CAST(? AS DATE)", "app-"+n, date(d))
					if len(got) == 0 {
						assert.Zero(t, want.n, "app %s on day %d", n, d)
						continue
					}
					assert.Equal(t, [][]string{{fmt.Sprint(want.n), want.day}}, got, "app %s on day %d", n, d)
				}
				assert.Equal(t, [][]string{{"0"}}, o.rows("SELECT count(*) FROM core.sso_assignments WHERE app_id = 'app-a' AND groups IS NULL"))
			}
			o.rebuildIsTheSame(date(9))
		})
	}
}
