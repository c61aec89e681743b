package benchmark

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rightseat/rightseat/sql"
)

// Industries are what a contributor may call its trade. The list is closed and coarse, because a
// precise word could name the organisation.
var Industries = []string{
	"construction", "consulting", "consumer-goods", "education", "energy", "finance", "government", "health", "hospitality", "insurance",
	"law", "manufacturing", "media", "nonprofit", "pharma", "real-estate", "retail", "software", "telecom", "transport",
}

// sizeBands are the first headcount of each band, the largest band last.
var sizeBands = []struct {
	from int64
	name string
}{{1, "1-49"}, {50, "50-199"}, {200, "200-999"}, {1000, "1000-4999"}, {5000, "5000-19999"}, {20000, "20000+"}}

// SizeBands lists the bands of headcount, the smallest first.
func SizeBands() []string {
	names := make([]string, len(sizeBands))
	for i, b := range sizeBands {
		names[i] = b.name
	}
	return names
}

// SizeBand is the band of a headcount; empty when nobody is known to work there.
func SizeBand(employees int64) string {
	name := ""
	for _, b := range sizeBands {
		if employees >= b.from {
			name = b.name
		}
	}
	return name
}

// tierWords are what vendors call licence types everywhere. A tier made of other words could be
// one that was sold to one customer only.
var tierWords = strings.Fields(`
	advanced annual analyst basic business cloud collab collaborator commercial core creator dev developer e1 e3 e5 editor
	enterprise essential essentials explorer f1 f3 free full growth individual lite licensed limited member monthly
	one organization organisation performance platform plus power premier premium pro professional seat standard
	starter starters suite team teams ultimate unlimited user users view viewer`)

// maxTierWords is how many of them a tier may consist of.
const maxTierWords = 4

// Vocabulary is the closed list of what a contribution may speak of: the apps of the built-in
// catalogue and the events of the built-in list of actions. Lists of a workspace's own never count.
type Vocabulary struct {
	apps     map[string]app
	features map[string]map[string]bool // by app, then event
}

// app is how the catalogue knows an app.
type app struct {
	names   []string // its name and its vendor's, lower case
	domains []string // lower case
}

// BuiltIn is the vocabulary of this version. It is read once.
var BuiltIn = sync.OnceValues(readVocabulary)

func readVocabulary() (*Vocabulary, error) {
	v := &Vocabulary{apps: map[string]app{}, features: map[string]map[string]bool{}}
	err := eachSeed("apps.csv", func(r map[string]string) {
		v.apps[r["app_id"]] = app{names: []string{strings.ToLower(r["app_name"]), strings.ToLower(r["vendor"])}}
	})
	if err != nil {
		return nil, err
	}
	err = eachSeed("app_names.csv", func(r map[string]string) {
		if a, ok := v.apps[r["app_id"]]; ok && r["kind"] == "domain" {
			a.domains = append(a.domains, strings.ToLower(r["name"]))
			v.apps[r["app_id"]] = a
		}
	})
	if err != nil {
		return nil, err
	}
	return v, eachSeed("engaged_actions.csv", func(r map[string]string) {
		if v.features[r["app_id"]] == nil {
			v.features[r["app_id"]] = map[string]bool{}
		}
		v.features[r["app_id"]][r["event"]] = true
	})
}

func eachSeed(name string, row func(map[string]string)) error {
	f, err := sql.Files.Open("seeds/" + name)
	if err != nil {
		return fmt.Errorf("built-in list: %w", err)
	}
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return fmt.Errorf("built-in list %s: %w", name, err)
	}
	for _, r := range records[1:] {
		cells := make(map[string]string, len(r))
		for i, c := range records[0] {
			cells[c] = r[i]
		}
		row(cells)
	}
	return f.Close()
}

// HasApp tells whether the catalogue has an app of this id.
func (v *Vocabulary) HasApp(id string) bool { _, ok := v.apps[id]; return ok }

// HasFeature tells whether the built-in list has the event for the app.
func (v *Vocabulary) HasFeature(app, event string) bool { return v.features[app][event] }

// HasTier tells whether a licence type, in lower case, consists of words that are in general use.
func HasTier(tier string) bool {
	words := strings.Split(tier, " ")
	if len(words) > maxTierWords {
		return false
	}
	for _, w := range words {
		if !slices.Contains(tierWords, w) {
			return false
		}
	}
	return true
}

// IsOwn tells whether an app is the organisation's own product: an organisation of that name, or
// with one of the app's domains.
func (v *Vocabulary) IsOwn(id, organisation string, domains []string) bool {
	a := v.apps[id]
	name := strings.ToLower(strings.TrimSpace(organisation))
	if name != "" && (slices.Contains(a.names, name) || id == name) {
		return true
	}
	return slices.ContainsFunc(a.domains, func(d string) bool { return slices.Contains(domains, d) })
}

// checkMetric says what is wrong with a metric of an app; nil when a contribution may have it.
func (v *Vocabulary) checkMetric(app, metric string) error {
	kind, rest, named := strings.Cut(metric, ":")
	switch {
	case metric == EngagedMetric || metric == PriceMetric:
		return nil
	case named && kind == "feature":
		if v.HasFeature(app, rest) {
			return nil
		}
		return fmt.Errorf("%s is no listed feature of %s", brief(rest), app)
	case named && kind == PriceMetric:
		if HasTier(rest) {
			return nil
		}
		return fmt.Errorf("%s is no licence type in general use", brief(rest))
	}
	return fmt.Errorf("%s is no metric; expected %s, feature:NAME, %s or %s:TIER", brief(metric), EngagedMetric, PriceMetric, PriceMetric)
}

// isPrice tells a metric that is money from one that is a percentage.
func isPrice(metric string) bool {
	return metric == PriceMetric || strings.HasPrefix(metric, PriceMetric+":")
}

// briefWidth is how much of a stranger's text a message repeats.
const briefWidth = 40

// brief quotes a stranger's text for a message.
func brief(text string) string {
	if r := []rune(text); len(r) > briefWidth {
		text = string(r[:briefWidth]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
