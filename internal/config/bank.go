package config

import (
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/preset"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// structured are the file settings that are no text.
var structured = []string{"columns", "words", "constants", "leave_out", "header_row"}

// Signs are the values of settings.sign: what a charge looks like in the files.
var Signs = []string{"charges_positive", "charges_negative"}

// bankSettings checks what files of banks and cards need to be told.
func (l *loader) bankSettings(key string, settings map[string]any, kind filekind.Kind) {
	if name, ok := l.text(key, settings, "preset"); ok {
		p, known := preset.Lookup(name)
		switch {
		case !known:
			l.doc.Add(key+".preset", "%q is not a preset%s; there are %s", name, yamlx.Hint(name, preset.Names()), strings.Join(preset.Names(), ", "))
		case p.Kind != kind.Name:
			l.doc.Add(key+".preset", "%s is a preset for kind %s, not %s", name, p.Kind, kind.Name)
		}
	}
	if sign, ok := l.text(key, settings, "sign"); ok {
		switch {
		case kind.Name != "spend":
			l.doc.Add(key+".sign", "only kind spend has charges, not %s", kind.Name)
		case !slices.Contains(Signs, sign):
			l.doc.Add(key+".sign", "%q is not a sign%s; expected charges_positive or charges_negative", sign, yamlx.Hint(sign, Signs))
		}
	}
	if _, ok := l.text(key, settings, "currency"); ok {
		if _, has := kind.Column("currency"); !has {
			l.doc.Add(key+".currency", "%s files have no currency", kind.Name)
		}
	}
	switch n := settings["header_row"].(type) {
	case nil:
	case int, int64, uint64:
	default:
		l.doc.Add(key+".header_row", "expected the number of a line or row, found %v", n)
	}
	l.constants(key+".constants", settings["constants"], kind)
	l.leaveOut(key+".leave_out", settings["leave_out"])
}

func (l *loader) constants(key string, value any, kind filekind.Kind) {
	values, ok := value.(map[string]any)
	if !ok {
		if value != nil {
			l.doc.Add(key, "expected values by column, such as {currency: EUR}")
		}
		return
	}
	for _, column := range yamlx.SortedKeys(values) {
		at := yamlx.Join(key, column)
		if _, known := kind.Column(column); !known {
			l.doc.Add(at, "%s has no column %q%s", kind.Name, column, yamlx.Hint(column, kind.ColumnNames()))
			continue
		}
		switch values[column].(type) {
		case map[string]any, []any, nil:
			l.doc.Add(at, "expected one value")
		}
	}
}

func (l *loader) leaveOut(key string, value any) {
	rules, ok := value.(map[string]any)
	if !ok {
		if value != nil {
			l.doc.Add(key, "expected values by header, such as {State: [REVERTED, DECLINED]}")
		}
		return
	}
	for _, header := range yamlx.SortedKeys(rules) {
		if list, ok := rules[header].([]any); ok {
			for _, v := range list {
				if _, ok := v.(string); !ok {
					l.doc.Add(yamlx.Join(key, header), "expected texts, found %v", v)
				}
			}
		} else if _, ok := rules[header].(string); !ok {
			l.doc.Add(yamlx.Join(key, header), "expected a list of values, such as [REVERTED, DECLINED]")
		}
	}
}
