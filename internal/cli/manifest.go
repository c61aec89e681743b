package cli

import (
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/yamlx"
)

func parseManifest(file string, data []byte) (*manifest.Manifest, error) {
	var m manifest.Manifest
	if err := yamlx.Decode(file, data, &m).Err(); err != nil {
		return nil, err
	}
	return &m, nil
}

func loadManifest(path string) (*manifest.Manifest, error) {
	data, err := yamlx.ReadFile(path, "a connector's manifest")
	if err != nil {
		return nil, err
	}
	return parseManifest(path, data)
}
