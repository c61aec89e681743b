// Package config reads rightseat.yaml: strictly, with file, line and column in every error
// and the nearest known key for a misspelt one.
package config

import (
	"time"

	"github.com/rightseat/rightseat/internal/secret"
)

// Config is a whole, validated configuration. Paths in it are as written; use [Config.Resolve].
type Config struct {
	File         string // the file it came from
	Workspace    string // absolute; default: the file's folder
	Organisation Organisation
	Connections  []Connection
	Apps         []App
	Exempt       Exempt
	Pipelines    map[string]Pipeline
	Alerts       Alerts
	Resources    Resources
	// Secrets knows every secret of the configuration, for redacting.
	Secrets *secret.Redactor
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

// App overrides the built-in catalogue for one app.
type App struct {
	ID, Name, Vendor, Category string
	Aliases, Domains           []string
	TechnicalLead              string
	Contacts                   map[string][]string // security, it, functional
	ExcludedInstances          []string            // left out of the app's roll-up
}

// Exempt lists people whose licences are never touched.
type Exempt struct {
	Global    string              // path of a CSV with one column, email
	Apps      map[string]string   // app id to path
	Emails    []string            // single addresses, global
	AppEmails map[string][]string // single addresses per app
}

// Pipeline is a scheduled run.
type Pipeline struct {
	Schedule    string   // five-field cron
	Timezone    string   // IANA; default the organisation's
	Connections []string // empty: all
}

// Alerts says who is told what. Delivery comes with the alerting release; keys are checked now.
type Alerts struct {
	Email    map[string]any
	Webhooks []map[string]any
}

// Resources bounds what one run may use.
type Resources struct {
	Memory  string // DuckDB memory limit, e.g. 2GB (default 2GB)
	Threads int    // default: number of CPUs
	TempDir string // default <workspace>/state/tmp
}

// Fingerprint is replaced when the branches are joined.
func (c *Config) Fingerprint() string { return "" }
