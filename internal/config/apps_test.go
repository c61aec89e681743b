package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAppsWindowsAndBirthright(t *testing.T) {
	t.Parallel()
	const head = "organisation: {name: Acme}\n"
	cfg, err := Parse(FileName, []byte(head+"apps: [{id: zoom, name: Zoom, inactive_days: 90}, {id: slack, birthright: true}]\nreclaim: {rules: [{app: ZOOM, tier: Pro}, {app: slack}]}\n"), getenv)
	require.NoError(t, err)
	assert.Equal(t, 60, cfg.Rightsizing.InactiveDays, "the default")
	assert.Equal(t, 90, cfg.Apps[0].InactiveDays)
	assert.True(t, cfg.Apps[1].Birthright)
	assert.Equal(t, 90, cfg.Reclaim.Rules[0].InactiveDays, "a rule that does not say has its app's")
	assert.Equal(t, 60, cfg.Reclaim.Rules[1].InactiveDays)

	_, err = Parse(FileName, []byte(head+"apps: [{id: zoom, inactive_days: 121}]\n"), getenv)
	require.ErrorContains(t, err, "apps[0].inactive_days: 121; expected 1 to 120")

	plain, err := Parse(FileName, []byte(head+"apps: [{id: slack}]\n"), getenv)
	require.NoError(t, err)
	for _, app := range []string{"{id: slack, birthright: true}", "{id: slack, inactive_days: 61}"} {
		other, err := Parse(FileName, []byte(head+"apps: ["+app+"]\n"), getenv)
		require.NoError(t, err)
		assert.NotEqual(t, plain.Fingerprint(), other.Fingerprint(), "another rule is other numbers: %s", app)
	}
}
