// Package preset knows how banks and cards write the files that people download from them: which headers
// stand for which columns, what a sign means, which rows are no spend. Each is one small file of data.
package preset

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/yamlx"
)

//go:embed presets/*.yaml
var files embed.FS

// Preset is how one bank or card writes its files.
type Preset struct {
	Name  string `yaml:"name"`
	Title string `yaml:"title"`
	Kind  string `yaml:"kind"`
	// Note is what people should know before they use it.
	Note string `yaml:"note"`
	// Variants are the forms of file that were seen, the ones with more headers before those that lack some.
	Variants []Variant `yaml:"variants"`
}

// Variant is one form of file: a language, a product, a version of the export.
type Variant struct {
	Name string `yaml:"name"`
	// Headers must all be in a file of this form; the row that has them is its header row.
	Headers []string `yaml:"headers"`
	// Columns are the kind's columns by header. "-" says that a header only looks like one.
	Columns    map[string]string `yaml:"columns"`
	Constants  map[string]string `yaml:"constants"`
	Sign       string            `yaml:"sign"`
	DateFormat string            `yaml:"date_format"`
	LeaveOut   []Rule            `yaml:"leave_out"`
}

// Rule says which rows are left out: those with one of the values under a header. A value may begin or end with *.
type Rule struct {
	Header string   `yaml:"header"`
	Values []string `yaml:"values"`
	// Reason is counted: transfer, top_up, reversal, declined, pending, payment, exchange.
	Reason string `yaml:"reason"`
}

// All lists the presets by name.
func All() []Preset {
	entries, err := files.ReadDir("presets")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	var all []Preset
	for _, e := range entries {
		name := path.Join("presets", e.Name())
		data, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		var p Preset
		if err := yamlx.Decode(name, data, &p).Err(); err != nil {
			panic(fmt.Sprintf("a preset of this build is broken: %v", err)) // a test reads each of them
		}
		all = append(all, p)
	}
	return all
}

// Names lists the presets' names.
func Names() []string {
	var names []string
	for _, p := range All() {
		names = append(names, p.Name)
	}
	return names
}

// Lookup finds a preset by its name.
func Lookup(name string) (Preset, bool) {
	all := All()
	i := slices.IndexFunc(all, func(p Preset) bool { return p.Name == name })
	if i < 0 {
		return Preset{}, false
	}
	return all[i], true
}

// Match finds the first form whose headers are all there.
func (p Preset) Match(headers []string) (Variant, bool) {
	have := map[string]bool{}
	for _, h := range headers {
		have[Fold(h)] = true
	}
	for _, v := range p.Variants {
		if !slices.ContainsFunc(v.Headers, func(h string) bool { return !have[Fold(h)] }) {
			return v, true
		}
	}
	return Variant{}, false
}

// Fold makes headers and values comparable: neither case nor white space around and between words matters.
func Fold(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(s, "\u00A0", " "))), " ")
}

// Matches tells whether a cell's text is one of the rule's values.
func (r Rule) Matches(text string) bool {
	text = Fold(text)
	return slices.ContainsFunc(r.Values, func(v string) bool {
		v = Fold(v)
		inner := strings.Trim(v, "*")
		begins, ends := strings.HasPrefix(v, "*"), strings.HasSuffix(v, "*")
		switch {
		case begins && ends:
			return strings.Contains(text, inner)
		case begins:
			return strings.HasSuffix(text, inner)
		case ends:
			return strings.HasPrefix(text, inner)
		}
		return text == v
	})
}
