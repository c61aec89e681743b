package httpapi

import (
	"bytes"
	"encoding/json"

	"github.com/rightseat/rightseat/extract/manifest"
)

// Expand parses a template and fills it in.
func Expand(template string, vars manifest.Vars, escape manifest.Escape) (string, error) {
	t, err := manifest.ParseTemplate(template)
	if err != nil {
		return "", err
	}
	return t.Expand(vars, escape)
}

// quote writes a JSON string, leaving <, > and & as they are.
func quote(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return bytes.TrimRight(b.Bytes(), "\n")
}
