// Package connectors holds the built-in connectors: one manifest per vendor, embedded. A
// user's own manifest is the same thing in a file of theirs; copying one of these is a good start.
package connectors

import (
	"embed"
	"sort"
	"strings"
)

//go:embed *.yaml
var files embed.FS

const suffix = ".yaml"

// Names lists the built-in connectors, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), suffix))
	}
	sort.Strings(names)
	return names
}

// Raw gives a built-in connector's manifest as it is written, comments included; nil when
// there is no connector of that name.
func Raw(name string) []byte {
	data, err := files.ReadFile(name + suffix)
	if err != nil {
		return nil
	}
	return data
}
