package connectors_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/connectors"
	"github.com/rightseat/rightseat/extract/manifest"
)

func ExampleNames() {
	fmt.Println(strings.Join(connectors.Names(), " "))
	// Output: bamboohr entra_id ironclad netskope okta ramp zoom
}

func ExampleGet() {
	m, err := connectors.Get("okta")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Title, m.Class, strings.Join(m.StreamNames(), " "))
	// Output: Okta sso users groups apps app_users app_groups group_users system_log
}

func TestGetUnknown(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "octa", "../okta", "okta.yaml", "connectors"} {
		m, err := connectors.Get(name)
		assert.Nil(t, m)
		assert.ErrorContains(t, err, "bamboohr, entra_id, ironclad, netskope, okta, ramp, zoom", name)
		assert.Nil(t, connectors.Raw(name), name)
	}
}

func TestRawIsACopy(t *testing.T) {
	t.Parallel()
	data := connectors.Raw("okta")
	require.NotEmpty(t, data)
	data[0] = 'X'
	assert.NotEqual(t, data[0], connectors.Raw("okta")[0])
}

// TestManifests parses and lints every built-in manifest and holds it to what all of them promise.
func TestManifests(t *testing.T) {
	t.Parallel()
	for _, name := range connectors.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := connectors.Get(name)
			require.NoError(t, err)
			assert.Empty(t, manifest.Lint(m))
			assert.Equal(t, name, m.Name, "the file is named after the connector")

			assert.Contains(t, m.Settings, "base_url", "every connector can be pointed at a test server")
			require.NotEmpty(t, m.Auth)
			for _, a := range m.Auth {
				if a.TokenURL != "" && !strings.HasPrefix(a.TokenURL, "{settings.base_url}") {
					assert.Equal(t, "{settings.token_url}", a.TokenURL, "the token address can be set")
				}
			}
			for _, s := range m.Streams {
				if s.Kind == manifest.KindEvents && s.ForEach == nil {
					assert.NotNil(t, s.Window, "%s: an event stream has a window, so that it can be backfilled", s.Name)
				}
				if s.ForEach != nil {
					assert.Contains(t, []string{"parent.id", "id"}, s.ID[0], "%s: the id holds for all parents", s.Name)
				}
			}
		})
	}
}

// TestZoomEngagementNeedsNoRoster makes sure that engagement arrives where listing users is not allowed.
func TestZoomEngagementNeedsNoRoster(t *testing.T) {
	t.Parallel()
	m := loadManifest(t, "zoom")
	roster, ok := m.Stream("users")
	require.True(t, ok)
	assert.True(t, roster.Optional)
	assert.Contains(t, m.Errors.ForbiddenCodes, "4711", "Zoom's word for a missing scope, sent with status 400")
	for _, s := range m.Streams {
		if s.ForEach != nil {
			assert.NotEqual(t, "users", s.ForEach.Stream, s.Name)
		}
	}
}

// TestOktaAssignmentsNeedNoGroups makes sure that assignments stay whole where groups are not allowed.
func TestOktaAssignmentsNeedNoGroups(t *testing.T) {
	t.Parallel()
	m := loadManifest(t, "okta")
	for _, name := range []string{"groups", "app_groups", "group_users"} {
		s, ok := m.Stream(name)
		require.True(t, ok)
		assert.True(t, s.Optional, name)
	}
	s, ok := m.Stream("app_users")
	require.True(t, ok)
	assert.False(t, s.Optional)
	assert.Equal(t, "apps", s.ForEach.Stream)
}

// TestDocs keeps the documentation in step: every stream, setting, permission and auth key of a
// connector is in its page.
func TestDocs(t *testing.T) {
	t.Parallel()
	for _, name := range connectors.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join("..", "..", "docs", "connectors", name+".md"))
			require.NoError(t, err)
			page := string(data)
			m := loadManifest(t, name)
			for _, stream := range m.StreamNames() {
				assert.Contains(t, page, "`"+stream+"`")
			}
			for setting := range m.Settings {
				assert.Contains(t, page, "`settings."+setting+"`")
			}
			for _, p := range m.Permissions {
				assert.Contains(t, strings.ReplaceAll(page, "`", ""), p.Name)
			}
			for _, a := range m.Auth {
				sufficient, optional := a.Keys()
				for _, key := range slices.Concat(slices.Concat(sufficient...), optional) {
					assert.Contains(t, page, "`auth."+key+"`")
				}
			}
			for _, heading := range []string{"What it brings", "Permissions", "Settings and auth", "Limits and cost", "Retention", "Known gaps"} {
				assert.Contains(t, page, "\n## "+heading+"\n")
			}
		})
	}
}
