package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (t *vendorTest) ironcladAll(query string, size int) (all []map[string]any, pages int) {
	t.Helper()
	for page := 0; ; page++ {
		r := t.ok(Ironclad, fmt.Sprintf("/records?page=%d&pageSize=%d&%s", page, size, query)).object(t)
		list := r["list"].([]any)
		if len(list) == 0 {
			assert.Equal(t, fmt.Sprint(len(all)), text(r, "count"))
			return all, pages
		}
		pages++
		for _, e := range list {
			all = append(all, e.(map[string]any))
		}
	}
}

func TestIroncladRecords(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	all, pages := v.ironcladAll("", 2)
	assert.Equal(t, 4, pages)
	assert.Len(t, all, len(v.org.contractsAt(inIronclad, v.org.end)))
	byUpdate, _ := v.ironcladAll("sortField=lastUpdated&sortDirection=ASC", 100)
	assert.True(t, sort.StringsAreSorted(texts(byUpdate, "lastUpdated")))
	back, _ := v.ironcladAll("sortField=lastUpdated&sortDirection=DESC", 100)
	assert.Equal(t, text(byUpdate[0], "id"), text(back[len(back)-1], "id"))
	recent, _ := v.ironcladAll("lastUpdated="+url.QueryEscape(text(byUpdate[3], "lastUpdated")), 100)
	assert.Len(t, recent, len(all)-3)
	leases, _ := v.ironcladAll("types=leaseAgreement", 100)
	require.Len(t, leases, 1)
	assert.NotContains(t, leases[0]["properties"], "seats", "an office is no licence")
	one := v.ok(Ironclad, "/records/"+text(all[0], "ironcladId")).object(v)
	assert.Equal(t, all[0]["id"], one["id"])

	for _, r := range all {
		if text(r, "properties.productName.value") == StoryRenewal {
			end, err := time.Parse(time.RFC3339, text(r, "properties.expirationDate.value"))
			require.NoError(t, err)
			assert.Equal(t, v.org.End().AddDate(0, 0, 75), end)
			assert.Equal(t, "P60D", text(r, "properties.noticePeriod.value"))
			assert.Equal(t, "auto-renewing", text(r, "contractStatus.enhancedStatus"))
		}
	}
}

func TestIroncladRefusals(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	assert.Equal(t, 404, v.get(Ironclad, "/nothing").status)
	assert.Equal(t, 404, v.get(Ironclad, "/records/zz").status)
	assert.Equal(t, 405, v.ask(Ironclad, "DELETE", "/records", "").status)
	req, err := http.NewRequestWithContext(t.Context(), "GET", v.s.URL(Ironclad)+"/records", nil)
	require.NoError(t, err)
	v.sign(Ironclad, req)
	req.Header.Del("x-as-user-email")
	r := v.do(req)
	assert.Equal(t, 400, r.status)
	assert.Contains(t, text(r.object(v), "message"), "x-as-user-email")
	v.clock.Set(endNow().Add(2 * time.Hour))
	assert.Equal(t, 401, v.get(Ironclad, "/records").status)
}

func TestIroncladShapesMatchTheSpec(t *testing.T) {
	t.Parallel()
	var spec struct {
		Paths      map[string]any
		Components struct {
			Schemas map[string]struct {
				Properties map[string]any
				Required   []string
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(sharedFile(t, "specs/ironclad.yaml"), &spec))
	assert.Contains(t, spec.Paths, "/records")
	assert.Contains(t, spec.Paths, "/records/{id}")
	model := spec.Components.Schemas["RecordModel"]
	v := serve(t, endNow(), ServerOptions{})
	all, _ := v.ironcladAll("", 100)
	for _, r := range all {
		assertKnown(t, model.Properties, r, "RecordModel")
		for _, name := range model.Required {
			assert.Contains(t, r, name)
		}
	}
}
