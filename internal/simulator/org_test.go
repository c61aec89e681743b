package simulator

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSameSeedSameEventsInAnyOrder(t *testing.T) {
	t.Parallel()
	a, b := NewOrg(Options{People: 120, Days: 60, Seed: 9}), NewOrg(Options{People: 120, Days: 60, Seed: 9})
	other := NewOrg(Options{People: 120, Days: 60, Seed: 10})
	oktaA, oktaB := &oktaAPI{base{Org: a}}, &oktaAPI{base{Org: b}}
	order := rand.New(rand.NewPCG(1, 2)).Perm(60)
	differs := false
	for _, i := range order { // b's days are worked out out of order
		b.logDay(b.start + day(i))
		b.meetingDay(b.start + day(i))
	}
	for i := range 60 {
		d := a.start + day(i)
		la, lb := a.logDay(d), b.logDay(d)
		require.Equal(t, len(la), len(lb))
		for k := range la {
			require.Equal(t, string(render(oktaA.shapeLog(&la[k]))), string(render(oktaB.shapeLog(&lb[k]))))
		}
		differs = differs || len(other.logDay(d)) != len(la)
		ma, mb := a.meetingDay(d).list, b.meetingDay(d).list
		require.Equal(t, len(ma), len(mb))
		for k := range ma {
			require.Equal(t, ma[k].uuid, mb[k].uuid)
			require.Equal(t, len(ma[k].attendees), len(mb[k].attendees))
		}
	}
	assert.True(t, differs, "another seed, another history")
	assert.Equal(t, a.Files(a.End()), b.Files(b.End()))
}

// TestSameAnswersFromTwoProcesses compares whole replies of two servers over one seed. The servers'
// addresses are the same names, as in the demo.
func TestSameAnswersFromTwoProcesses(t *testing.T) {
	t.Parallel()
	v, w := serve(t, endNow(), ServerOptions{}), serve(t, endNow(), ServerOptions{})
	w.ok(Okta, "/api/v1/apps") // asked in another order
	for _, x := range []struct{ vendor, path string }{
		{Okta, "/api/v1/users"}, {Okta, "/api/v1/logs?limit=500"}, {Entra, "/users"}, {Zoom, "/users?page_size=300"},
		{BambooHR, "/api/v1/employees?fields=" + bambooFields}, {Ramp, "/transactions?state=ALL"}, {Ironclad, "/records"},
	} {
		a, b := v.ok(x.vendor, x.path), w.ok(x.vendor, x.path)
		clean := func(v *vendorTest, body []byte) string {
			return strings.ReplaceAll(string(body), v.origin(x.vendor), "")
		}
		assert.Equal(t, clean(v, a.body), clean(w, b.body), x.path)
	}
}

func TestOrganisationIsPlausible(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]Options{
		"default": {}, "small": {People: 1, Apps: 1, Days: 1}, "short": {People: 200, Days: 45}, "large": {People: 2000, Apps: 60, Seed: 3},
		"another end": {End: time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := NewOrg(opts)
			addresses, ids := map[string]*person{}, map[string]bool{}
			exotic, left, hired := 0, 0, 0
			for i, p := range o.people {
				assert.Equal(t, uint64(i), p.index)
				for _, n := range p.names {
					q := addresses[n.email]
					require.True(t, q == nil || q == p, "%s is taken", n.email)
					addresses[n.email] = p
					assert.True(t, strings.HasSuffix(n.email, "@"+Domain))
					assert.Equal(t, strings.ToLower(n.email), n.email)
					for _, r := range n.email {
						require.Less(t, r, rune(unicode.MaxASCII), n.email)
					}
					if strings.ContainsFunc(n.first+n.last, func(r rune) bool { return r > unicode.MaxASCII }) {
						exotic++
					}
				}
				require.False(t, ids[p.oktaID], "okta ids are unique")
				ids[p.oktaID] = true
				if p.leave <= o.end && p.kind == employee {
					left++
				}
				if p.hire > o.start {
					hired++
				}
			}
			assert.Positive(t, exotic)
			assert.Positive(t, left)
			assert.Positive(t, hired)
			truth := o.Truth(o.End().Add(20 * time.Hour))
			assert.NotEmpty(t, truth.Assigned("Zoom"))
			for _, label := range truth.OktaApps()[:12] {
				if label != StoryUnusedContract {
					assert.NotEmpty(t, truth.Assigned(label), label)
				}
			}
		})
	}
}

func TestLogAgreesWithAssignments(t *testing.T) {
	t.Parallel()
	o := demoOrg()
	for d := o.before(20); d <= o.end; d++ {
		for _, e := range o.logDay(d) {
			if e.eventType == "user.authentication.sso" {
				require.True(t, e.app.has(e.p, e.published.Truncate(time.Second)), "%s launched %s without being assigned", e.p.email(d), e.app.label)
			}
			require.False(t, e.persisted.Before(e.published))
			require.Equal(t, d, dayOf(e.persisted), "stored on the day it happened")
		}
	}
}

func TestStoryIsTold(t *testing.T) {
	t.Parallel()
	o := demoOrg()
	now := endNow()
	end, before := o.Truth(now), o.Truth(o.before(120).at(0))
	roster := map[string]ZoomAccount{}
	for _, a := range end.ZoomRoster() {
		roster[a.Person] = a
	}

	assert.Contains(t, end.Left(), StoryLeaverInOkta)
	assert.Contains(t, end.Assigned("Slack"), StoryLeaverInOkta)
	assert.Contains(t, before.Employed(), StoryLeaverInOkta)
	assert.Contains(t, end.Left(), StoryLeaverOnZoom)
	assert.NotContains(t, end.Assigned("Slack"), StoryLeaverOnZoom)
	assert.Equal(t, ZoomAccount{StoryLeaverOnZoom, StoryLeaverOnZoom, "active", true}, roster[StoryLeaverOnZoom])

	assert.Equal(t, StoryAliasOld, roster[StoryAlias].Email)
	assert.Equal(t, StoryAlias, end.Person(StoryAliasOld))
	assert.Equal(t, StoryRenamedOld, roster[StoryRenamed].Email)
	assert.Contains(t, before.Employed(), StoryRenamedOld)
	assert.Contains(t, end.Employed(), StoryRenamed)

	assert.Contains(t, o.Truth(o.before(101).at(0)).LoggedIn(StoryRosterApp, 30), StoryStopped)
	assert.NotContains(t, end.LoggedIn(StoryRosterApp, 90), StoryStopped)
	assert.Contains(t, end.Assigned(StoryRosterApp), StoryStopped)

	assert.Contains(t, end.Assigned("Slack"), StoryContractor)
	assert.NotContains(t, end.Employed(), StoryContractor)
	assert.NotEmpty(t, end.Assigned("Zoom Sandbox"))
	assert.Less(t, len(end.Assigned("Zoom Sandbox")), 60)
	for _, name := range end.EntraApps() {
		assert.NotEmpty(t, end.LoggedIn(name, 120), name)
	}
	assert.NotEmpty(t, end.FieldbookUsers(120))

	byProduct := map[string]contract{}
	for _, c := range o.contracts {
		byProduct[c.product] = c
	}
	assert.Greater(t, len(end.Assigned(StoryOverProvisioned)), byProduct[StoryOverProvisioned].licences)
	assert.Contains(t, end.OktaApps(), StoryUnusedContract)
	assert.Empty(t, end.Assigned(StoryUnusedContract))
	renewal := byProduct[StoryRenewal]
	assert.Equal(t, 15, int(renewal.end)-renewal.noticeDays-int(o.end))
	assert.Less(t, byProduct["Miro"].end, o.end)

	c, ok := o.duplicatedCharge()
	require.True(t, ok)
	assert.Equal(t, StoryBuyer, c.p.email(o.end))
	grammarly := 0
	for _, c := range o.cards {
		if c.shadow == StoryShadowApp && c.p == o.story.buyer {
			grammarly++
		}
	}
	assert.Greater(t, grammarly, 3)
}

// TestActivityHasAWeek: weekends are quieter, and so are the last days of a year.
func TestActivityHasAWeek(t *testing.T) {
	t.Parallel()
	o := demoOrg()
	var work, rest int
	for d := o.before(27); d <= o.end; d++ {
		if d.weekend() {
			rest += len(o.logDay(d))
		} else {
			work += len(o.logDay(d))
		}
	}
	assert.Greater(t, work/20, 5*rest/8)
	assert.Less(t, day(dayOf(time.Date(2025, 12, 27, 0, 0, 0, 0, time.UTC))).season(), 0.5)
	assert.InDelta(t, 0.25, dayOf(time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC)).season(), 0)
	assert.Equal(t, day(-1), dayOf(time.Date(1969, 12, 31, 12, 0, 0, 0, time.UTC)))
}
