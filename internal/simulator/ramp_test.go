package simulator

import (
	"encoding/json"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRampTransactions(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	all, pages := v.linked(Ramp, "/transactions?state=ALL&page_size=100")
	require.Greater(t, pages, 4)
	var want []string
	for _, c := range v.org.cards {
		if !c.at.After(endNow()) {
			want = append(want, c.id)
		}
	}
	assert.ElementsMatch(t, want, texts(all, "id"))
	times := texts(all, "user_transaction_time")
	assert.True(t, sort.SliceIsSorted(times, func(i, j int) bool { return times[i] > times[j] }), "newest first")
	states, currencies := map[string]int{}, map[string]int{}
	refunds, wrong := 0, 0
	merchants := map[string]bool{}
	for _, c := range all {
		states[text(c, "state")]++
		currencies[text(c, "currency_code")]++
		merchants[text(c, "merchant_name")] = true
		n, isNumber := c["amount"].(json.Number)
		if !isNumber {
			wrong++
		} else if strings.HasPrefix(n.String(), "-") {
			refunds++
		}
	}
	assert.Equal(t, 1, wrong, "one amount is a text")
	assert.Positive(t, refunds)
	for _, s := range []string{"CLEARED", "PENDING", "DECLINED"} {
		assert.Positive(t, states[s], s)
	}
	for _, c := range []string{"USD", "EUR", "GBP"} {
		assert.Positive(t, currencies[c], c)
	}
	for _, m := range []string{"PAYPAL *MIDJOURNEY", "SQ *OTTER.AI", "Grammarly", "Loom"} {
		assert.True(t, merchants[m], m)
	}
	usual, _ := v.linked(Ramp, "/transactions?page_size=100")
	assert.Len(t, usual, len(all)-states["DECLINED"], "declined ones are hidden")

	from, to := v.org.End().AddDate(0, 0, -20), v.org.End().AddDate(0, 0, -10)
	q := "/transactions?state=ALL&order_by_date_asc=true&from_date=" + url.QueryEscape(isoSeconds(from)) + "&to_date=" + url.QueryEscape(isoSeconds(to))
	some, _ := v.linked(Ramp, q)
	require.NotEmpty(t, some)
	assert.GreaterOrEqual(t, text(some[0], "user_transaction_time"), isoSeconds(from)[:19])
	assert.Less(t, text(some[len(some)-1], "user_transaction_time"), isoSeconds(to)[:19])
	assert.Equal(t, text(some[0], "id"), text(v.ok(Ramp, "/transactions/"+text(some[0], "id")).object(v), "id"))
}

func TestRampPendingBecomesCleared(t *testing.T) {
	t.Parallel()
	var c cardLine
	for _, x := range demoOrg().cards[300:] {
		if !x.declined {
			c = x
			break
		}
	}
	v := serve(t, c.at.Add(time.Minute), ServerOptions{})
	assert.Equal(t, "PENDING", v.ok(Ramp, "/transactions/"+c.id).object(v)["state"])
	v.clock.Set(c.at.Add(48 * time.Hour))
	assert.Equal(t, "CLEARED", v.ok(Ramp, "/transactions/"+c.id).object(v)["state"])
	v.clock.Set(c.at.Add(-time.Minute))
	assert.Equal(t, 404, v.get(Ramp, "/transactions/"+c.id).status)
}

func TestRampAgreementsAndPeople(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	r := v.ask(Ramp, "POST", "/vendors/agreements", `{"include_archived":false,"page_size":100}`)
	require.Equal(t, 200, r.status)
	list := r.object(v)["data"].([]any)
	assert.Len(t, list, len(v.org.contractsAt(inRamp, v.org.end)))
	for _, e := range list {
		detail := v.ok(Ramp, "/vendors/agreements/"+text(e.(map[string]any), "id")).object(v)
		assert.NotEmpty(t, detail["line_items"])
		assert.NotEmpty(t, text(detail, "payee.business_vendor.uuid"))
	}
	active := v.ask(Ramp, "POST", "/vendors/agreements", `{"is_active":true}`).object(v)["data"].([]any)
	assert.Len(t, active, len(list)-1, "Miro's has ended")

	users, pages := v.linked(Ramp, "/users?page_size=100")
	assert.Greater(t, pages, 4)
	truth := v.org.Truth(endNow())
	assert.ElementsMatch(t, append(truth.Employed(), truth.Left()...), texts(users, "email"))
	depts, _ := v.linked(Ramp, "/departments?page_size=3")
	assert.Len(t, depts, len(departments))
}

func TestRampRefusals(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		code               string
	}{
		"unknown path":      {"GET", "/nothing", "", 404, "DEVELOPER_7004"},
		"wrong method":      {"GET", "/vendors/agreements", "", 405, "DEVELOPER_7005"},
		"broken body":       {"POST", "/vendors/agreements", "{", 422, "DEVELOPER_7001"},
		"broken date":       {"GET", "/transactions?from_date=soon", "", 422, "DEVELOPER_7001"},
		"broken start":      {"GET", "/transactions?start=zz", "", 400, "DEVELOPER_7001"},
		"unknown agreement": {"GET", "/vendors/agreements/zz", "", 404, "DEVELOPER_7004"},
	} {
		t.Run(name, func(t *testing.T) {
			r := v.ask(Ramp, c.method, c.path, c.body)
			assert.Equal(t, c.status, r.status)
			assert.Equal(t, c.code, text(r.object(v), "error_v2.error_code"))
		})
	}
	v.clock.Set(endNow().Add(9 * 24 * time.Hour))
	assert.Equal(t, 200, v.get(Ramp, "/users").status, "tokens live ten days")
	v.clock.Set(endNow().Add(11 * 24 * time.Hour))
	r := v.get(Ramp, "/users")
	assert.Equal(t, 401, r.status)
	assert.Equal(t, "DEVELOPER_7002", text(r.object(v), "error_v2.error_code"))
}
