// Package config reads rightseat.yaml: strictly, with file, line and column in every error
// and the nearest known key for a misspelt one.
//
// In text values ${NAME} stands for an environment variable and ${file:PATH} for a file's content
// without its last line break, PATH relative to the config's folder. $${ is a literal ${; any
// other $ is itself. What was put in is not expanded again.
package config

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/secret"
	"github.com/rightseat/rightseat/internal/spendrules"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// FileName is the config's usual name.
const FileName = "rightseat.yaml"

// FileConnector is the name of the connector that reads files.
const FileConnector = "file"

// Config is a whole, validated configuration. Paths in it are as written; use [Config.Resolve].
type Config struct {
	File         string // the file it came from
	Workspace    string // absolute; default: the file's folder
	Organisation Organisation
	Connections  []Connection
	Apps         []App
	Exempt       Exempt
	Rightsizing  Rightsizing
	Spend        Spend
	Reclaim      Reclaim
	// Allocation is how an app's contract value is spread over teams, where neither the app nor an
	// allocations file says otherwise: one of [AllocationMethods]; default licence.
	Allocation string
	// MaxSetAside is how many percent of a list's records may be set aside before the list does not count; nil: 1.
	MaxSetAside *float64
	Pipelines   map[string]Pipeline
	Alerts      Alerts
	Resources   Resources
	// Secrets knows every secret of the configuration, for redacting.
	Secrets *secret.Redactor

	doc *yamlx.Document // where the keys stand; nil for a configuration made in memory
}

// Organisation is whose numbers these are.
type Organisation struct {
	Name     string
	Domains  []string       // lower case
	Timezone *time.Location // dates of events are taken in it; default UTC
	Currency string         // ISO 4217; reports are in it; default USD
	// FiscalYearStart is the first month of the fiscal year, 1–12; default 1.
	FiscalYearStart int
}

// Connection is one account at one vendor, or one set of files.
type Connection struct {
	Name      string // unique; names the folder in the lake
	Connector string // built-in name, or a path (contains / or ends in .yaml) to a manifest
	App       string // app id, name or alias that this connection describes; may be empty
	Instance  string // may be empty
	Settings  map[string]any
	Auth      map[string]secret.Value
	Owner     string // e-mail
	// DisconnectedOn is the last date (YYYY-MM-DD) whose data counts; empty while connected.
	DisconnectedOn string
	Line           int // in the config file, for messages
}

// IsManifestPath tells whether Connector is the path of a manifest of the user's own.
func (c Connection) IsManifestPath() bool {
	return strings.ContainsAny(c.Connector, `/\`) || strings.HasSuffix(c.Connector, ".yaml") || strings.HasSuffix(c.Connector, ".yml")
}

// App overrides the built-in catalogue for one app.
type App struct {
	ID, Name, Vendor, Category string
	Aliases, Domains           []string
	TechnicalLead              string
	Contacts                   map[string][]string // security, it, functional
	ExcludedInstances          []string            // left out of the app's roll-up
	Allocation                 string              // of its contract value: of [AllocationMethods]; empty: the organisation's
	InactiveDays               int                 // days without activity after which a person is inactive, 1–120; 0: the organisation's
	Birthright                 bool                // everybody is meant to have it: no part of the savings
}

// AllocationMethods are the ways to spread an app's contract value over teams, beside percentages from an
// allocations file: by the people provisioned in the app, or by all employees.
var AllocationMethods = []string{"licence", "employees"}

// Exempt lists people whose licences are never touched. A file that is named here and missing
// must stop whoever needs the list: it would otherwise exempt nobody.
type Exempt struct {
	Global    string              // path of a CSV with one column, email
	Apps      map[string]string   // app id to path
	Emails    []string            // single addresses, global
	AppEmails map[string][]string // single addresses per app
}

// Rightsizing says when a seat is idle and how many licences a renewal should have.
type Rightsizing struct {
	InactiveDays  int // days without activity after which a person is inactive, 1–120; default 60
	NewUserDays   int // days after provisioning during which a person is left alone; default 60
	BufferPercent int // spare licences in percent of the active people; default 10
	LicenceStep   int // licences are sold in multiples of this; default 1
}

// Spend says what the user knows of the organisation's statements.
type Spend struct {
	RulesFile string            // path of a CSV with rules; empty: none
	Rules     []spendrules.Rule // what is in it, in its order
}

// Reclaim says which seats are to be given back, and how.
type Reclaim struct {
	Rules []ReclaimRule // the first that fits a seat decides; none: the defaults for every app
}

// ReclaimRule decides about the idle seats of an app, or of one instance or tier of it.
type ReclaimRule struct {
	App          string // id, name or alias
	Instance     string // empty: all
	Tier         string // in the vendor's words, case aside; empty: all
	InactiveDays int    // days without activity, 1–120; default the app's, else Rightsizing.InactiveDays
	Action       string // deprovision (default) or downgrade
	Method       string // auto (default), direct, idp or suggest; what the connection can't do is only suggested
}

// Pipeline is a scheduled run.
type Pipeline struct {
	Schedule    string   // five-field cron or @hourly, @daily, …; empty: only by hand
	Timezone    string   // IANA; default the organisation's
	Connections []string // empty: all
}

// Alerts says who is told what. Delivery comes with the alerting release; keys are checked now.
type Alerts struct {
	Email    *EmailAlerts // nil: no e-mail
	Webhooks []Webhook
}

// EmailAlerts is the mail server and what it is used for.
type EmailAlerts struct {
	Host     string
	Port     int // default 587
	Username string
	Password secret.Value
	From     string
	To       []string
	Events   []string // of [AlertEvents]; empty: all
}

// Webhook is an address that alerts are posted to.
type Webhook struct {
	URL    secret.Value // whoever knows it can post
	Format string       // slack or json (default)
	Events []string     // of [AlertEvents]; empty: all
}

// AlertEvents are the kinds of alert one can subscribe to.
var AlertEvents = []string{"connections", "renewals", "licences", "discovered_apps", "data_ready"}

// Resources bounds what one run may use.
type Resources struct {
	Memory  string // DuckDB memory limit, e.g. 2GB (default 2GB)
	Threads int    // default 0: number of CPUs
	TempDir string // default <workspace>/state/tmp
}

// Resolve makes a path of the configuration absolute; relative ones start at the config's folder.
func (c *Config) Resolve(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	if c.File == "" {
		return filepath.Join(c.Workspace, path)
	}
	dir, err := filepath.Abs(filepath.Dir(c.File))
	if err != nil { // no working directory any more: the best that is left is the path itself
		return filepath.Join(filepath.Dir(c.File), path)
	}
	return filepath.Join(dir, path)
}

// SetAsidePercent is how many percent of a list's records may be set aside before the list does not count.
func (c *Config) SetAsidePercent() float64 {
	if c.MaxSetAside == nil {
		return 1
	}
	return *c.MaxSetAside
}

// Connection finds a connection by its name.
func (c *Config) Connection(name string) (Connection, bool) {
	for _, conn := range c.Connections {
		if conn.Name == name {
			return conn, true
		}
	}
	return Connection{}, false
}

// ConnectionNames lists the connections in the file's order.
func (c *Config) ConnectionNames() []string {
	names := make([]string, len(c.Connections))
	for i, conn := range c.Connections {
		names[i] = conn.Name
	}
	return names
}

// Report notes a problem with a key of a connection, such as "connector" or "settings.base_url".
type Report func(key, format string, args ...any)

// CheckConnections lets check look at each connection, for what only the connectors know:
// whether the connector exists, which settings and auth keys it has. What it reports comes back
// as one error with places, free of secrets, like those of [Load].
func (c *Config) CheckConnections(check func(Connection, Report)) error {
	doc := c.doc
	if doc == nil {
		doc = &yamlx.Document{File: c.File}
	}
	problems := doc.Fork()
	for i, conn := range c.Connections {
		prefix := yamlx.Index("connections", i)
		check(conn, func(key, format string, args ...any) {
			problems.Add(prefix+"."+key, format, args...)
		})
	}
	return redacted(problems.Err(), c.Secrets)
}
