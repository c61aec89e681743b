package file_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/file"
	"github.com/rightseat/rightseat/internal/config"
)

// TestTwoConnectionsThatReadOneFile, by whatever name: everything in it would count twice.
func TestTwoConnectionsThatReadOneFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	put("zoom-1.csv", "email\nann@tarn.example\n")
	put("copy.csv", "email\nann@tarn.example\n")
	put("other.csv", "email\nben@tarn.example\n")
	put("none-1.csv", "email\n")
	put("none-2.csv", "email\n")
	require.NoError(t, os.Symlink("zoom-1.csv", filepath.Join(dir, "soft.csv")))
	require.NoError(t, os.Link(filepath.Join(dir, "zoom-1.csv"), filepath.Join(dir, "hard.csv")))
	conn := func(name, app, path string, more ...string) config.Connection {
		c := config.Connection{Name: name, Connector: "file", App: app, Settings: map[string]any{"kind": "roster", "path": path}}
		for i := 0; i < len(more); i += 2 {
			c.Settings[more[i]] = more[i+1]
		}
		return c
	}
	for _, tc := range []struct {
		name        string
		second      config.Connection
		same, equal bool
	}{
		{"overlapping patterns", conn("b", "zoom", "zo*.csv"), true, false},
		{"a symbolic link", conn("b", "zoom", "soft.csv"), true, false},
		{"a hard link", conn("b", "zoom", "hard.csv"), true, false},
		{"an absolute path", conn("b", "zoom", filepath.Join(dir, "zoom-1.csv")), true, false},
		{"a copy", conn("b", "zoom", "copy.csv"), false, true},
		{"another file", conn("b", "zoom", "other.csv"), false, false},
		{"another app", conn("b", "slack", "zoom-1.csv"), false, false},
		{"another sheet", conn("b", "zoom", "zoom-1.csv", "sheet", "Two"), false, false},
		{"another kind", conn("b", "zoom", "zoom-1.csv", "kind", "exempt"), false, false},
		{"headers alone", conn("b", "zoom", "none-2.csv"), false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			first := conn("a", "zoom", "zoom-*.csv")
			if tc.name == "headers alone" {
				first = conn("a", "zoom", "none-1.csv")
			}
			cfg := &config.Config{File: filepath.Join(dir, "rightseat.yaml"), Workspace: dir, Connections: []config.Connection{first, tc.second}}
			told, err := file.Doubles(context.Background(), cfg)
			if tc.same {
				require.ErrorContains(t, err, "connections a and b both read the file")
				cfg.Connections[1].DisconnectedOn = "2026-01-01"
				_, err = file.Doubles(context.Background(), cfg)
			}
			require.NoError(t, err)
			if !tc.equal {
				assert.Empty(t, told)
				return
			}
			require.Len(t, told, 1)
			assert.Equal(t, "b", told[0].Connection)
			assert.Contains(t, told[0].Finding.Sample, "copy.csv: is equal, byte by byte, to zoom-1.csv of connection a")
		})
	}
}
