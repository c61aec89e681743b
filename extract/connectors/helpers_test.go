package connectors_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/connectors"
)

func streamNames(t *testing.T, connector string) []string {
	t.Helper()
	var m struct {
		Streams []struct {
			Name string `yaml:"name"`
		} `yaml:"streams"`
	}
	require.NoError(t, yaml.Unmarshal(connectors.Raw(connector), &m))
	var names []string
	for _, s := range m.Streams {
		names = append(names, s.Name)
	}
	return names
}

// sharedFile finds a file of the shared folder of vendor facts and records, which stands beside
// the repository; without it the test is skipped.
func sharedFile(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		shared := filepath.Join(dir, "shared")
		if _, err := os.Stat(filepath.Join(shared, "CONTRACT.md")); err == nil {
			return filepath.Join(shared, name)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no folder shared/ beside the repository: vendor descriptions and samples are not checked")
		}
		dir = parent
	}
}
