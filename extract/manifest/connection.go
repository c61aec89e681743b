package manifest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rightseat/rightseat/internal/yamlx"
)

// implicitSettings may be given to a connection of every manifest, whether it lists them or not.
var implicitSettings = []string{"base_url", "start_date", "token_url", "words", RateShare}

// RateShare is the setting for the share of the vendor's request budget that we may use, in percent.
const RateShare = "rate_share"

// Share reads the setting [RateShare]: 0 < share <= 1, which is the default.
func Share(settings map[string]any) (share float64, problem string) {
	v := settings[RateShare]
	if v == nil {
		return 1, ""
	}
	text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(fmt.Sprint(v)), "%"))
	if text == "" {
		return 1, ""
	}
	percent, err := strconv.ParseFloat(text, 64)
	if err != nil || !(percent >= 1 && percent <= 100) {
		return 1, "expected a number from 1 to 100: the percentage of the vendor's request budget to use, e.g. 50"
	}
	return percent / 100, ""
}

// LeaveOut is the setting that names, by stream, the parents that are not to be asked for: their
// ids, or what people call them.
const LeaveOut = "leave_out"

// CommonSetting is a setting that connectors share, whatever their vendor.
type CommonSetting struct{ Name, Description string }

// CommonSettings are the shared settings that mean something to this connector, beside the addresses.
func (m *Manifest) CommonSettings() []CommonSetting {
	var out []CommonSetting
	windowed := slices.ContainsFunc(m.Streams, func(s Stream) bool { return s.Window != nil })
	if _, own := m.Settings["start_date"]; windowed && !own {
		out = append(out, CommonSetting{"start_date", "How far back the first read goes, YYYY-MM-DD; as far as the vendor keeps, when empty."})
	}
	if slices.ContainsFunc(m.Streams, func(s Stream) bool { return s.ForEach != nil }) {
		out = append(out, CommonSetting{LeaveOut, "Which lists not to ask for, by stream: ids or names."})
	}
	return append(out,
		CommonSetting{RateShare, "Percentage of the vendor's request budget to use, 1 to 100 (default 100)."},
		CommonSetting{"words", "What the vendor's words mean where no list knows them, such as {status: {On hold: suspended}}."})
}

func (m *Manifest) knowsSetting(name string) bool {
	_, ok := m.Settings[name]
	return ok || slices.Contains(implicitSettings, name)
}

func (m *Manifest) settingNames() []string {
	names := yamlx.SortedKeys(m.Settings)
	for _, name := range implicitSettings {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// CheckConnection checks what a connection gives this connector: settings that it knows, of plain
// values, none missing that the requests need, and one complete way to sign in. AuthKeys are
// the keys that have a value. Report gets the connection's key ("settings.base_url", "auth") and
// the problem; no value of a setting or secret is in it.
func (m *Manifest) CheckConnection(settings map[string]any, authKeys []string, report func(key, format string, args ...any)) {
	for _, name := range yamlx.SortedKeys(settings) {
		key := yamlx.Join("settings", name)
		if name == LeaveOut {
			if problem := m.checkLeaveOut(settings[name]); problem != "" {
				report(key, "%s", problem)
			}
			continue
		}
		if !m.knowsSetting(name) {
			report(key, "connector %s has no such setting%s", m.Name, yamlx.Hint(name, append(m.settingNames(), LeaveOut)))
			continue
		}
		switch settings[name].(type) {
		case map[string]any, []any:
			if name == "words" {
				continue // the configuration's own; it has checked them
			}
			report(key, "expected a plain value, not a list or mapping")
			continue
		}
	}
	if _, problem := Share(settings); problem != "" {
		report(yamlx.Join("settings", RateShare), "%s", problem)
	}
	has := func(key string) bool { return slices.Contains(authKeys, key) }
	m.checkAuthKeys(authKeys, report)
	auth, ok := m.ChooseAuth(has)
	if !ok {
		report("auth", "is incomplete; connector %s needs %s", m.Name, m.authNeeds())
	}
	m.checkNeeded(auth, settings, report)
}

// LeftOut reads the setting [LeaveOut]; the problem is for one that can't be read.
func LeftOut(value any) (byStream map[string][]string, problem string) {
	const expected = "expected streams with the ids or names to leave out, such as {app_users: [0oa1abc, Payroll]}"
	if value == nil {
		return nil, ""
	}
	streams, ok := value.(map[string]any)
	if !ok {
		return nil, expected
	}
	byStream = map[string][]string{}
	for stream, names := range streams {
		list, ok := names.([]any)
		if !ok {
			list = []any{names}
		}
		for _, n := range list {
			switch n.(type) {
			case nil, map[string]any, []any:
				return nil, expected
			}
			byStream[stream] = append(byStream[stream], fmt.Sprint(n))
		}
	}
	return byStream, ""
}

func (m *Manifest) checkLeaveOut(value any) (problem string) {
	byStream, problem := LeftOut(value)
	var having []string
	for _, s := range m.Streams {
		if s.ForEach != nil {
			having = append(having, s.Name)
		}
	}
	for _, stream := range yamlx.SortedKeys(byStream) {
		if !slices.Contains(having, stream) {
			return fmt.Sprintf("%s is no stream of connector %s that is asked once for each record of another%s", stream, m.Name, yamlx.Hint(stream, having))
		}
	}
	return problem
}

func (m *Manifest) checkAuthKeys(given []string, report func(key, format string, args ...any)) {
	var known []string
	for _, a := range m.Auth {
		sufficient, optional := a.Keys()
		known = append(known, optional...)
		for _, keys := range sufficient {
			known = append(known, keys...)
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, key := range slices.Sorted(slices.Values(given)) {
		if !slices.Contains(known, key) {
			report(yamlx.Join("auth", key), "connector %s has no such auth key%s", m.Name, yamlx.Hint(key, known))
		}
	}
}

// checkNeeded reports settings that are absent although they are required, or are needed to
// work out base_url or the address that access tokens come from.
func (m *Manifest) checkNeeded(auth Auth, settings map[string]any, report func(key, format string, args ...any)) {
	missing := func(name string) bool {
		v, ok := settings[name]
		return !ok || v == nil || v == ""
	}
	reported := map[string]bool{}
	for _, name := range yamlx.SortedKeys(m.Settings) {
		if m.Settings[name].Required && missing(name) {
			reported[name] = true
			report(yamlx.Join("settings", name), "is missing; expected %s", m.Settings[name].what())
		}
	}
	var need func(name, instead string)
	need = func(name, instead string) {
		if !missing(name) || reported[name] {
			return
		}
		reported[name] = true
		if def := m.Settings[name].Default; def != "" {
			for _, other := range settingsIn(def) {
				need(other, " (or give settings."+name+")")
			}
			return
		}
		report(yamlx.Join("settings", name), "is missing%s; expected %s", instead, m.Settings[name].what())
	}
	need("base_url", "")
	for _, name := range settingsIn(auth.TokenURL) {
		need(name, "")
	}
}

func (s Setting) what() string {
	what := cmp.Or(s.Description, "a value")
	if s.Example != "" {
		what += " Example: " + s.Example
	}
	return what
}

// settingsIn lists the settings that a template names.
func settingsIn(text string) []string {
	t, err := ParseTemplate(text)
	if err != nil {
		return nil
	}
	var names []string
	for _, p := range t.Placeholders() {
		if p.Root() == "settings" {
			names = append(names, p.Rest())
		}
	}
	return names
}
