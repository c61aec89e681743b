package sql_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/sql"
)

func TestWithSeeds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "engaged_actions.csv"), []byte("mine"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "something_else.csv"), []byte("x"), 0o644))
	tests := []struct {
		name, file string
		want       string // "" for the built-in text
	}{
		{"an own list replaces the built-in one", "seeds/engaged_actions.csv", "mine"},
		{"the other lists stay", "seeds/apps.csv", ""},
		{"models are not replaced", "core/people.sql", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := fs.ReadFile(sql.WithSeeds(dir), tt.file)
			require.NoError(t, err)
			want := []byte(tt.want)
			if tt.want == "" {
				want, err = fs.ReadFile(sql.Files, tt.file)
				require.NoError(t, err)
			}
			require.Equal(t, string(want), string(got))
		})
	}
	all, err := fs.Glob(sql.WithSeeds(dir), "seeds/*.csv")
	require.NoError(t, err)
	require.NotContains(t, all, "seeds/something_else.csv")
	require.Contains(t, all, "seeds/apps.csv")
	builtIn, err := fs.Glob(sql.WithSeeds(filepath.Join(dir, "missing")), "core/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, builtIn)
}

func TestCheckSeeds(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"as it should be, with a column more", "app_id,event,action,is_engaged,minimum_tier,note\nzoom,x,X,yes,,n\n", ""},
		{"a column is missing", "app_id,event\n", "engaged_actions.csv:1: column action is missing"},
		{"empty", "", "engaged_actions.csv:1: no header"},
		{"not CSV", "app_id,event,action,is_engaged,minimum_tier\na\n", "engaged_actions.csv: record on line 2: wrong number of fields"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "engaged_actions.csv"), []byte(tt.text), 0o644))
			err := sql.CheckSeeds(dir)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
}
