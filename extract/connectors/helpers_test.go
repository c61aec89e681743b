package connectors_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/connectors"
	"github.com/rightseat/rightseat/extract/manifest"
)

// loadManifest reads a built-in manifest.
func loadManifest(t *testing.T, connector string) *manifest.Manifest {
	t.Helper()
	var doc map[string]any
	require.NoError(t, yaml.Unmarshal(connectors.Raw(connector), &doc))
	for _, s := range doc["streams"].([]any) {
		s := s.(map[string]any)
		if id, ok := s["id"].(string); ok {
			s["id"] = []any{id}
		}
	}
	data, err := yaml.Marshal(doc)
	require.NoError(t, err)
	var m manifest.Manifest
	require.NoError(t, yaml.Unmarshal(data, &m))
	return &m
}

func streamNames(t *testing.T, connector string) []string {
	t.Helper()
	var names []string
	for _, s := range loadManifest(t, connector).Streams {
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
