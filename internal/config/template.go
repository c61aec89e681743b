package config

import (
	_ "embed"
	"strconv"
	"strings"
)

//go:embed template.yaml
var templateText string

// Template is the commented configuration that `rightseat init` writes for an organisation of
// that name (a placeholder when empty). It loads as it is; connections are there as comments.
func Template(name string) []byte {
	if name == "" {
		name = "Acme"
	}
	quoted := strings.ReplaceAll(strconv.QuoteToGraphic(name), "${", "$${")
	return []byte(strings.Replace(templateText, "{{name}}", quoted, 1))
}
