package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAllocation(t *testing.T) {
	t.Parallel()
	const head = "organisation: {name: Acme}\n"
	for _, c := range []struct{ name, text, all, zoom, wrong string }{
		{"nothing said", "apps: [{id: zoom}]\n", "licence", "", ""},
		{"for all", "allocation: employees\napps: [{id: zoom}]\n", "employees", "", ""},
		{"for one app", "allocation: employees\napps: [{id: zoom, allocation: licence}]\n", "employees", "licence", ""},
		{"misspelt", "allocation: employee\n", "", "", `rightseat.yaml:2:13: allocation: "employee" is not known; expected one of licence, employees; percentages come from a connection of kind allocations`},
		{"misspelt for an app", "apps: [{id: zoom, allocation: custom}]\n", "", "", `apps[0].allocation: "custom" is not known`},
		{"no text", "allocation: {zoom: employees}\n", "", "", "rightseat.yaml:2:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg, err := Parse(FileName, []byte(head+c.text), getenv)
			if c.wrong != "" {
				require.ErrorContains(t, err, c.wrong)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.all, cfg.Allocation)
			assert.Equal(t, c.zoom, cfg.Apps[0].Allocation)
		})
	}

	fingerprint := func(text string) string {
		cfg, err := Parse(FileName, []byte(head+text), getenv)
		require.NoError(t, err)
		return cfg.Fingerprint()
	}
	plain := fingerprint("")
	assert.NotEqual(t, plain, fingerprint("allocation: employees\n"), "another way is other numbers")
	assert.Equal(t, plain, fingerprint("allocation: licence\n"), "the default said aloud changes none")
}
