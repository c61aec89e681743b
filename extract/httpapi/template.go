package httpapi

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

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

// EncodeQuery writes a query with %20 for a space: not every vendor reads + as one.
func EncodeQuery(values url.Values) string {
	return strings.ReplaceAll(values.Encode(), "+", "%20")
}

// quote writes a JSON string, leaving <, > and & as they are.
func quote(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return bytes.TrimRight(b.Bytes(), "\n")
}
