package manifest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/yamlx"
)

var update = flag.Bool("update", false, "rewrite golden files")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// TestBadManifests compares every problem found in testdata/*.bad.yaml with *.bad.txt.
func TestBadManifests(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.bad.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			_, err := Load(file)
			require.Error(t, err)
			assert.True(t, yamlx.IsUsage(err))
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", err.Error()+"\n")
		})
	}
}

func TestFullManifest(t *testing.T) {
	t.Parallel()
	m, err := Load("testdata/full.good.yaml")
	require.NoError(t, err)
	assert.Equal(t, []string{"users", "groups", "events", "daily", "iterated"}, m.StreamNames())
	require.NotNil(t, m.Auth[0].Scheme)
	assert.Empty(t, *m.Auth[0].Scheme)
	assert.Nil(t, m.Auth[1].Scheme)
	users, ok := m.Stream("users")
	require.True(t, ok)
	assert.Equal(t, PathList{"id"}, users.ID)
	assert.Equal(t, map[string]string{"limit": "200"}, users.Request.Query)
	assert.Equal(t, []map[string]string{{}, {"filter": `status eq "{settings.region}"`}}, users.Variants)
	groups, _ := m.Stream("groups")
	assert.Equal(t, &ForEach{Stream: "users", Where: map[string][]string{"status": {"ACTIVE"}}, Name: "email", Gone: []string{"E0000007"}}, groups.ForEach)
	events, _ := m.Stream("events")
	assert.Equal(t, 0, *events.Paging.First)
	assert.Equal(t, &Window{
		Start: "90d", Overlap: "2h", Step: "30d", Lag: "10m", Format: "2006-01-02 15:04", EndInclusive: true, Retention: "180d",
	}, events.Window)
	_, ok = m.Stream("none")
	assert.False(t, ok)
}

func TestLoadMissingFile(t *testing.T) {
	t.Parallel()
	_, err := Load("testdata/none.yaml")
	assert.EqualError(t, err, "testdata/none.yaml: there is no such file; expected a connector's manifest; rightseat connector new writes one")
}

func TestLint(t *testing.T) {
	t.Parallel()
	m, err := Load("testdata/warnings.good.yaml")
	require.NoError(t, err)
	var b strings.Builder
	for range 2 { // warnings do not pile up
		b.Reset()
		for _, w := range Lint(m) {
			fmt.Fprintln(&b, w)
		}
	}
	golden(t, "testdata/warnings.txt", b.String())

	assert.NotEmpty(t, Lint(&Manifest{Name: "made in memory"}))
}

func TestSkeleton(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"my_app", "a", "null", "true", "x-y"} {
		data, err := Skeleton(name)
		require.NoError(t, err)
		m, err := Parse(name+".yaml", data)
		require.NoError(t, err)
		assert.Equal(t, name, m.Name)
		assert.Empty(t, Lint(m))
	}
	data, err := Skeleton("my_app")
	require.NoError(t, err)
	assert.Contains(t, string(data), `title: "My app"`)
	for _, bad := range []string{"My App", "7", "a--b", "a__b", "a-_b", ""} {
		_, err = Skeleton(bad)
		assert.Error(t, err, bad)
	}
}

func TestCheckConnection(t *testing.T) {
	t.Parallel()
	full, err := Load("testdata/full.good.yaml")
	require.NoError(t, err)
	full.Auth = full.Auth[:6] // without the way that needs nothing
	tests := map[string]struct {
		settings map[string]any
		auth     []string
		want     []string
	}{
		"good":                                 {map[string]any{"region": "eu", "tenant": "acme", "start_date": "2026-01-01"}, []string{"token"}, nil},
		"good, base_url instead of the tenant": {map[string]any{"region": "eu", "base_url": "http://127.0.0.1:1"}, []string{"api_key"}, nil},
		"good, numbers and booleans":           {map[string]any{"region": uint64(1), "tenant": true}, []string{"client_id", "private_key", "key_id"}, nil},
		"good, google's two fields":            {map[string]any{"region": "eu", "tenant": "a"}, []string{"client_email", "private_key", "subject"}, nil},
		"nothing": {nil, nil, []string{
			"auth: is incomplete; connector full needs token, or api_key, or client_id + client_secret, or client_id + private_key, or account_id + client_id + client_secret, or service_account, or client_email + private_key",
			"settings.region: is missing; expected Region.",
			"settings.tenant: is missing (or give settings.base_url); expected The tenant's name. Example: acme",
		}},
		"typos": {map[string]any{"regoin": "eu", "region": "", "tenant": []any{"a"}}, []string{"tokn", "client_id"}, []string{
			"settings.regoin: connector full has no such setting; did you mean region?",
			"settings.tenant: expected a plain value, not a list or mapping",
			"auth.tokn: connector full has no such auth key; did you mean token?",
			"auth: is incomplete; connector full needs token, or api_key, or client_id + client_secret, or client_id + private_key, or account_id + client_id + client_secret, or service_account, or client_email + private_key",
			"settings.region: is missing; expected Region.",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			full.CheckConnection(tt.settings, tt.auth, func(key, format string, args ...any) {
				got = append(got, key+": "+fmt.Sprintf(format, args...))
			})
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestChooseAuth(t *testing.T) {
	t.Parallel()
	full, err := Load("testdata/full.good.yaml")
	require.NoError(t, err)
	for want, keys := range map[string][]string{
		AuthToken: {"token", "api_key"}, AuthBasic: {"api_key"}, AuthClientCredentials: {"client_id", "client_secret"},
		AuthPrivateKeyJWT: {"client_id", "private_key"}, AuthGoogle: {"service_account"}, AuthNone: nil,
	} {
		got, ok := full.ChooseAuth(func(key string) bool {
			for _, k := range keys {
				if k == key {
					return true
				}
			}
			return false
		})
		assert.True(t, ok)
		assert.Equal(t, want, got.Type)
	}
	got, ok := (&Manifest{}).ChooseAuth(func(string) bool { return false })
	assert.True(t, ok)
	assert.Equal(t, AuthNone, got.Type)
	_, ok = (&Manifest{Auth: []Auth{{Type: AuthBasic}}}).ChooseAuth(func(key string) bool { return key == "username" })
	assert.False(t, ok)
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse("m.yaml", data)
		if err != nil {
			assert.True(t, yamlx.IsUsage(err))
			return
		}
		assert.NotEmpty(t, m.Streams)
		Lint(m)
		m.CheckConnection(map[string]any{"base_url": "x"}, []string{"token"}, func(string, string, ...any) {})
	})
}
