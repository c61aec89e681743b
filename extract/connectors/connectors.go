// Package connectors holds the built-in connectors: one manifest per vendor, embedded. A
// user's own manifest is the same thing in a file of theirs; copying one of these is a good start.
package connectors

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/extract/manifest"
)

//go:embed *.yaml
var files embed.FS

const suffix = ".yaml"

// Names lists the built-in connectors, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil // an embedded folder can always be read
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), suffix))
	}
	slices.Sort(names)
	return names
}

// Get reads a built-in connector's manifest. Each call gives a manifest of its own. For a name
// that is none of [Names] the error lists them.
func Get(name string) (*manifest.Manifest, error) {
	data := Raw(name)
	if data == nil {
		return nil, fmt.Errorf("there is no built-in connector %q; there are %s", name, strings.Join(Names(), ", "))
	}
	m, err := manifest.Parse("connectors/"+name+suffix, data)
	if err != nil {
		return nil, fmt.Errorf("read the built-in connector %s: %w", name, err)
	}
	return m, nil
}

// Raw gives a built-in connector's manifest as it is written, comments included; nil when
// there is no connector of that name. The bytes are the caller's own.
func Raw(name string) []byte {
	if !slices.Contains(Names(), name) {
		return nil
	}
	data, err := files.ReadFile(name + suffix)
	if err != nil {
		return nil // it is in the list
	}
	return data
}
