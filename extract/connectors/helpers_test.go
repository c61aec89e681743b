package connectors_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/connectors"
	"github.com/rightseat/rightseat/extract/manifest"
)

// loadManifest reads a built-in manifest.
func loadManifest(t *testing.T, connector string) *manifest.Manifest {
	t.Helper()
	m, err := connectors.Get(connector)
	require.NoError(t, err)
	return m
}

func streamNames(t *testing.T, connector string) []string {
	t.Helper()
	return loadManifest(t, connector).StreamNames()
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
