package config

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/secret"
	"github.com/rightseat/rightseat/internal/yamlx"
)

func (l *loader) connections(raw []rawConnection) []Connection {
	var out []Connection
	first := map[string]int{}
	for i, r := range raw {
		key := yamlx.Index("connections", i)
		c := Connection{
			Name: r.Name, Connector: r.Connector, App: r.App, Instance: r.Instance, Settings: r.Settings,
			Owner: r.Owner, DisconnectedOn: r.DisconnectedOn, Line: l.doc.Line(key),
			Auth: l.auth(key+".auth", r.Auth),
		}
		l.name(key+".name", c.Name)
		if line, twice := first[c.Name]; twice && c.Name != "" {
			l.doc.Add(key+".name", "%s is the name of the connection in line %d too; names are unique", c.Name, line)
		} else {
			first[c.Name] = c.Line
		}
		l.required(key+".connector", c.Connector, "a connector's name or a manifest's path; rightseat connector list shows the built-in ones")
		l.email(key+".owner", c.Owner)
		l.date(key+".disconnected_on", c.DisconnectedOn)
		if c.Connector == FileConnector {
			l.fileSettings(key+".settings", c.Settings)
			if len(c.Auth) > 0 {
				l.doc.Add(key+".auth", "files need no auth; remove it")
			}
		} else {
			l.apiSettings(key+".settings", c.Settings)
		}
		out = append(out, c)
	}
	return out
}

func (l *loader) auth(key string, raw map[string]string) map[string]secret.Value {
	auth := make(map[string]secret.Value, len(raw))
	for _, name := range yamlx.SortedKeys(raw) {
		if at := yamlx.Join(key, name); raw[name] == "" && !l.lenient && !l.failed(at) {
			l.doc.Add(at, "is empty; expected a secret")
		} else if why := brokenSecret(name, raw[name]); why != "" && !l.failed(at) {
			l.doc.Add(at, "%s", why)
		}
		auth[name] = secret.New(raw[name])
	}
	return auth
}

// manyLines are the secrets that are files rather than words.
var manyLines = []string{"key", "private_key", "service_account", "certificate"}

// brokenSecret says why a secret cannot be what the vendor gave: those of one line, tokens and
// passwords, hold no line break and no other control character. Keys in PEM and JSON do.
func brokenSecret(name, value string) string {
	trimmed := strings.TrimSpace(value)
	if slices.Contains(manyLines, name) || strings.HasPrefix(trimmed, "-----BEGIN") || strings.HasPrefix(trimmed, "{") {
		return ""
	}
	switch {
	case strings.ContainsAny(trimmed, "\r\n"):
		return "has a line break in it; a token or password is one line: does the variable or file hold more than the secret?"
	case strings.ContainsFunc(trimmed, unicode.IsControl):
		return "holds a control character; a token or password has none: was it copied whole?"
	case trimmed == value:
		return ""
	case strings.TrimRight(value, "\r\n") == trimmed:
		return "ends with a line break; a token or password is one line (`printf %s` writes none, and ${file:PATH} leaves out the last one)"
	}
	return "begins or ends with blanks; a token or password has none around it"
}

// apiSettings checks what every HTTP connector takes; the rest is for the manifest to say.
func (l *loader) apiSettings(key string, settings map[string]any) {
	if v, ok := l.text(key, settings, "base_url"); ok {
		if !strings.HasPrefix(v, "https://") && !strings.HasPrefix(v, "http://") {
			l.doc.Add(key+".base_url", "is not an address; expected https://…")
		}
	}
	if v, ok := l.text(key, settings, "start_date"); ok {
		l.date(key+".start_date", v)
	}
	l.words(key+".words", settings["words"])
}

// FileSettings are the names of the file connector's settings.
var FileSettings = fileSettingNames()

// FileSetting is a setting of the file connector, for people.
type FileSetting struct{ Name, Description, Example string }

// FileSettingList is what connector show tells of the file connector's settings.
var FileSettingList = []FileSetting{
	{"kind", "what the files hold; see below. Required", "roster"},
	{"path", "a file, or a pattern; ** matches folders. Required", "uploads/people-*.csv"},
	{"columns", "the files' own headers and the columns that they are; - for a header that only looks like one", `{"E-Mail": email, "Kostenstelle": cost_centre, Type: "-"}`},
	{"preset", "how a bank or card writes its files; see below. Other settings go before it", "revolut"},
	{"currency", "of all rows for which the file says none", "EUR"},
	{"constants", "values of other columns for which the file says none", "{department: Marketing, type: expense}"},
	{"sign", "of spend: charges_negative where the bank writes what was paid with a minus, else charges_positive", "charges_negative"},
	{"header_row", "the line or row that has the headers, where others stand above it; by default the first that has all that the kind requires, and told", "5"},
	{"leave_out", "rows that are not meant, by a header and its values (* for any text): top-ups, transfers, reversals", `{State: [REVERTED, DECLINED], Type: [TOPUP]}`},
	{"format", "csv, jsonl, parquet or xlsx; by default by content and name", "csv"},
	{"delimiter", "what stands between the columns of a CSV file: one character, or tab; by default by the header", ";"},
	{"encoding", "of text files; by default judged by the whole file, and told", "windows-1252, cp850, gb18030, utf-16le"},
	{"decimal", "comma or point: which of the two is the decimal mark; by default judged by all numbers of a column, and told", "comma"},
	{"date_format", "how dates and times are written where not as 2026-11-30; by default the order of day and month is judged by all dates of a column, and told", "DD/MM/YYYY"},
	{"sheet", "the sheet of a workbook; by default the first that is not hidden", "People"},
	{"words", "what words for a status, type, period, yes and no or currency mean, where the lists do not know them", "{status: {Ruhend: suspended}}"},
	{"idp", "of sso_logins and sso_assignments: the identity provider that the files come from", "okta"},
}

func fileSettingNames() []string {
	names := make([]string, len(FileSettingList))
	for i, s := range FileSettingList {
		names[i] = s.Name
	}
	return names
}

func (l *loader) fileSettings(key string, settings map[string]any) {
	for _, name := range yamlx.SortedKeys(settings) {
		if !slices.Contains(FileSettings, name) {
			l.doc.Add(yamlx.Join(key, name), "unknown key%s", yamlx.Hint(name, FileSettings))
		} else if !slices.Contains(structured, name) {
			l.text(key, settings, name)
		}
	}
	l.words(key+".words", settings["words"])
	if v, ok := l.text(key, settings, "path"); !ok {
		l.required(key+".path", v, "a file or a pattern such as uploads/people-*.csv")
	} else if _, err := path.Match(v, ""); err != nil {
		l.doc.Add(key+".path", "%q is not a pattern: a [ without ], or a \\ at the end", v)
	}
	name, ok := l.text(key, settings, "kind")
	if !ok {
		l.required(key+".kind", name, "one of "+strings.Join(filekind.Names(), ", "))
		return
	}
	kind, ok := filekind.Lookup(name)
	if !ok {
		l.doc.Add(key+".kind", "%q is not a kind of file%s", name, yamlx.Hint(name, filekind.Names()))
		return
	}
	l.columns(key+".columns", settings["columns"], kind)
	l.bankSettings(key, settings, kind)
	if idp, ok := l.text(key, settings, "idp"); ok {
		switch {
		case kind.Name != "sso_logins" && kind.Name != "sso_assignments":
			l.doc.Add(key+".idp", "only kinds sso_logins and sso_assignments stand for an identity provider, not %s", kind.Name)
		case lake.CheckName(idp) != nil:
			l.doc.Add(key+".idp", "%q is not an identity provider; expected a name such as okta, onelogin, entra_id", idp)
		}
	}
}

// words checks what words of a connection mean: {column: {word: meaning}}.
func (l *loader) words(key string, value any) {
	columns, ok := value.(map[string]any)
	if !ok {
		if value != nil {
			l.doc.Add(key, "expected words by column, such as {status: {Ruhend: suspended}}")
		}
		return
	}
	for _, column := range yamlx.SortedKeys(columns) {
		at := yamlx.Join(key, column)
		if !slices.Contains(filekind.WordColumns(), column) {
			l.doc.Add(at, "has no vocabulary%s; those that have one are %s", yamlx.Hint(column, filekind.WordColumns()), strings.Join(filekind.WordColumns(), ", "))
			continue
		}
		words, ok := columns[column].(map[string]any)
		if !ok {
			l.doc.Add(at, "expected words with what they mean, such as {Ruhend: suspended}")
			continue
		}
		for _, word := range yamlx.SortedKeys(words) {
			meaning := strings.TrimSpace(fmt.Sprint(words[word]))
			if len(filekind.WordVocabularies(column, meaning)) == 0 {
				l.doc.Add(yamlx.Join(at, word), "%q is not a meaning of %s%s", meaning, column, meaningsOf(column, meaning))
			}
		}
	}
}

func meaningsOf(column, meaning string) string {
	known := filekind.Meanings(column)
	if len(known) == 0 {
		return "; expected a code such as EUR"
	}
	return yamlx.Hint(meaning, known) + "; expected one of " + strings.Join(known, ", ")
}

// columns checks a mapping of a file's own headers to the kind's columns.
func (l *loader) columns(key string, value any, kind filekind.Kind) {
	mapping, ok := value.(map[string]any)
	if !ok {
		if value != nil {
			l.doc.Add(key, "expected a mapping of the file's headers to columns of %s", kind.Name)
		}
		return
	}
	taken := map[string]string{}
	for _, header := range yamlx.SortedKeys(mapping) {
		at := yamlx.Join(key, header)
		column, ok := mapping[header].(string)
		if !ok {
			l.doc.Add(at, "expected the name of a column of %s", kind.Name)
			continue
		}
		if !kind.Maps(column) {
			if !l.failed(at) {
				l.doc.Add(at, "%s has no column %q%s", kind.Name, column, yamlx.Hint(column, kind.ColumnNames()))
			}
			continue
		}
		if column == filekind.NoColumn {
			continue
		}
		if other, twice := taken[column]; twice {
			l.doc.Add(at, "the header %q is mapped to %s already; a column has one header", other, column)
			continue
		}
		taken[column] = header
	}
}

// text gives a setting that must be text; false when it is absent or (noted) something else.
func (l *loader) text(key string, settings map[string]any, name string) (string, bool) {
	value, ok := settings[name]
	if !ok || value == nil {
		return "", false
	}
	s, ok := value.(string)
	if !ok {
		if at := yamlx.Join(key, name); !l.failed(at) {
			l.doc.Add(at, "expected text")
		}
		return "", false
	}
	return s, s != ""
}

var contactRoles = []string{"security", "it", "functional"}

func (l *loader) apps(raw []rawApp) []App {
	var out []App
	first := map[string]int{}
	for i, r := range raw {
		key := yamlx.Index("apps", i)
		app := App{
			ID: r.ID, Name: r.Name, Vendor: r.Vendor, Category: r.Category, Aliases: r.Aliases,
			Domains: l.domains(key+".domains", r.Domains), TechnicalLead: r.TechnicalLead, ExcludedInstances: r.ExcludedInstances,
			Allocation: l.allocation(key+".allocation", r.Allocation), Birthright: r.Birthright,
		}
		if r.InactiveDays != nil {
			app.InactiveDays = *r.InactiveDays
			if app.InactiveDays < 1 || app.InactiveDays > 120 {
				l.doc.Add(key+".inactive_days", "%d; expected 1 to 120", app.InactiveDays)
			}
		}
		if app.ID == "" {
			l.required(key+".id", "", "the app's id in the catalogue, or a new one")
		} else if err := lake.CheckName(app.ID); err != nil {
			l.doc.Add(key+".id", "%v", err)
		} else if line, twice := first[app.ID]; twice {
			l.doc.Add(key+".id", "%s is in line %d too; put both together", app.ID, line)
		} else {
			first[app.ID] = l.doc.Line(key)
		}
		l.email(key+".technical_lead", app.TechnicalLead)
		for _, role := range yamlx.SortedKeys(r.Contacts) {
			at := yamlx.Join(key+".contacts", role)
			if !slices.Contains(contactRoles, role) {
				l.doc.Add(at, "unknown key%s", yamlx.Hint(role, contactRoles))
				continue
			}
			if app.Contacts == nil {
				app.Contacts = map[string][]string{}
			}
			app.Contacts[role] = l.emails(at, r.Contacts[role])
		}
		out = append(out, app)
	}
	return out
}

func (l *loader) exempt(raw rawExempt) Exempt {
	var e Exempt
	e.Global, e.Emails = l.pathOrEmails("exempt.global", raw.Global)
	for _, app := range yamlx.SortedKeys(raw.Apps) {
		file, emails := l.pathOrEmails(yamlx.Join("exempt.apps", app), raw.Apps[app])
		if file != "" {
			if e.Apps == nil {
				e.Apps = map[string]string{}
			}
			e.Apps[app] = file
		}
		if emails != nil {
			if e.AppEmails == nil {
				e.AppEmails = map[string][]string{}
			}
			e.AppEmails[app] = emails
		}
	}
	return e
}

// pathOrEmails reads a value that is a CSV's path, one address, or a list of addresses.
func (l *loader) pathOrEmails(key string, value any) (string, []string) {
	switch v := value.(type) {
	case nil:
		if l.doc.Has(key) && !l.failed(key) {
			l.doc.Add(key, "is empty; expected a CSV's path or a list of e-mail addresses")
		}
		return "", nil
	case string:
		if validEmail(v) && !strings.HasSuffix(strings.ToLower(v), ".csv") {
			return "", []string{strings.ToLower(v)}
		}
		if v == "" {
			l.required(key, v, "a CSV's path or a list of e-mail addresses")
		}
		return v, nil
	case []any:
		texts := make([]string, len(v))
		for i, item := range v {
			s, ok := item.(string)
			if !ok && item != nil {
				l.doc.Add(yamlx.Index(key, i), "expected an e-mail address")
				return "", nil
			}
			texts[i] = s
		}
		return "", l.emails(key, texts)
	}
	l.doc.Add(key, "expected a CSV's path or a list of e-mail addresses")
	return "", nil
}

// Words of a reclaim rule.
var (
	reclaimActions = []string{"deprovision", "downgrade"}
	reclaimMethods = []string{"auto", "direct", "idp", "suggest"}
)

func (l *loader) reclaim(raw rawReclaim, cfg *Config) Reclaim {
	var out Reclaim
	first := map[string]int{}
	for i, r := range raw.Rules {
		key := yamlx.Index("reclaim.rules", i)
		rule := ReclaimRule{App: r.App, Instance: r.Instance, Tier: r.Tier, InactiveDays: cfg.inactiveDays(r.App), Action: "deprovision", Method: "auto"}
		l.required(key+".app", r.App, "the app's id or name")
		if r.InactiveDays != nil {
			rule.InactiveDays = *r.InactiveDays
			if rule.InactiveDays < 1 || rule.InactiveDays > 120 {
				l.doc.Add(key+".inactive_days", "%d; expected 1 to 120", rule.InactiveDays)
			}
		}
		if r.Action != "" {
			rule.Action = r.Action
			l.oneOf(key+".action", r.Action, reclaimActions)
		}
		if r.Method != "" {
			rule.Method = r.Method
			l.oneOf(key+".method", r.Method, reclaimMethods)
		}
		if rule.Action == "downgrade" && rule.Method == "idp" {
			l.doc.Add(key+".method", "an identity provider gives and takes apps, not tiers; expected auto, direct or suggest")
		}
		scope := strings.ToLower(strings.Join([]string{r.App, r.Instance, r.Tier}, "\x00"))
		if line, twice := first[scope]; twice {
			l.doc.Add(key, "line %d decides about the same seats already; the first rule that fits counts", line)
		} else {
			first[scope] = l.doc.Line(key)
		}
		out.Rules = append(out.Rules, rule)
	}
	return out
}

// inactiveDays is after how many days without activity somebody is inactive in an app, named by its id, name or alias.
func (c *Config) inactiveDays(app string) int {
	for _, a := range c.Apps {
		named := func(n string) bool { return n != "" && strings.EqualFold(n, app) }
		if a.InactiveDays != 0 && (named(a.ID) || named(a.Name) || slices.ContainsFunc(a.Aliases, named)) {
			return a.InactiveDays
		}
	}
	return c.Rightsizing.InactiveDays
}

func (l *loader) pipelines(raw map[string]rawPipeline, cfg *Config) map[string]Pipeline {
	out := make(map[string]Pipeline, len(raw))
	names := cfg.ConnectionNames()
	for _, name := range yamlx.SortedKeys(raw) {
		key := yamlx.Join("pipelines", name)
		r := raw[name]
		if err := lake.CheckName(name); err != nil {
			l.doc.Add(key, "%v", err)
		}
		if r.Schedule != "" {
			if _, err := ParseSchedule(r.Schedule); err != nil {
				l.doc.Add(key+".schedule", "%v", err)
			}
		}
		p := Pipeline{Schedule: r.Schedule, Timezone: cfg.Organisation.Timezone.String(), Connections: r.Connections}
		if r.Timezone != "" {
			l.timezone(key+".timezone", r.Timezone)
			p.Timezone = r.Timezone
		}
		for i, c := range r.Connections {
			if !slices.Contains(names, c) {
				l.doc.Add(yamlx.Index(key+".connections", i), "there is no connection %q%s", c, yamlx.Hint(c, names))
			}
		}
		out[name] = p
	}
	return out
}

var webhookFormats = []string{"json", "slack"}

func (l *loader) alerts(raw rawAlerts) Alerts {
	var a Alerts
	if r := raw.Email; r != nil {
		const key = "alerts.email"
		e := &EmailAlerts{
			Host: r.Host, Port: 587, Username: r.Username, Password: secret.New(r.Password),
			From: r.From, To: l.emails(key+".to", r.To), Events: r.Events,
		}
		l.required(key+".host", e.Host, "the mail server's host name")
		l.required(key+".from", e.From, "the sender's e-mail address")
		l.email(key+".from", e.From)
		if r.Port != nil {
			if e.Port = *r.Port; e.Port < 1 || e.Port > 65535 {
				l.doc.Add(key+".port", "%d is no port; expected 1 to 65535", e.Port)
			}
		}
		l.eachOneOf(key+".events", e.Events, AlertEvents)
		a.Email = e
	}
	for i, r := range raw.Webhooks {
		key := yamlx.Index("alerts.webhooks", i)
		w := Webhook{URL: secret.New(r.URL), Format: "json", Events: r.Events}
		l.secretURL(key+".url", r.URL)
		if r.Format != "" {
			l.oneOf(key+".format", r.Format, webhookFormats)
			w.Format = r.Format
		}
		l.eachOneOf(key+".events", w.Events, AlertEvents)
		a.Webhooks = append(a.Webhooks, w)
	}
	return a
}

// PipelineNames lists the pipelines in order.
func (c *Config) PipelineNames() []string { return slices.Sorted(maps.Keys(c.Pipelines)) }
