package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "time/tzdata" // time zones on machines that have no zone files

	"github.com/rightseat/rightseat/internal/secret"
	"github.com/rightseat/rightseat/internal/spendrules"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// Option changes how a configuration is loaded.
type Option func(*loader)

// WithoutSecrets takes variables and files that are not there for empty text instead of
// failing, for commands that ask no vendor: query, status, transform.
func WithoutSecrets() Option { return func(l *loader) { l.lenient = true } }

// Load reads and checks the configuration in the file at path. Getenv is os.LookupEnv, or a
// test's own. All problems come back together, as [yamlx.Errors]; [yamlx.IsUsage] recognises
// them. No error text holds a secret.
func Load(path string, getenv func(string) (string, bool), options ...Option) (*Config, error) {
	data, err := yamlx.ReadFile(path, "the configuration; rightseat init writes one")
	if err != nil {
		return nil, err
	}
	return Parse(path, data, getenv, options...)
}

// Parse is [Load] for data already read. Path names the file in messages, and its folder is
// where relative paths start.
func Parse(path string, data []byte, getenv func(string) (string, bool), options ...Option) (*Config, error) {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("find the folder of %s: %w", path, err)
	}
	l := &loader{
		expander: expander{dir: dir, getenv: getenv, expanded: map[string][]string{}},
		secrets:  &secret.Redactor{},
	}
	for _, o := range options {
		o(l)
	}
	var raw rawConfig
	l.doc = yamlx.Decode(path, data, &raw, yamlx.WithExpand(l.expand))
	// Before anything is said: values that came from outside must not show in an error.
	for _, values := range l.expanded {
		l.secrets.Add(values...)
	}
	if !l.doc.Readable() {
		return nil, l.doc.Err()
	}
	cfg := l.config(path, dir, raw)
	if err := l.doc.Err(); err != nil {
		return nil, redacted(err, l.secrets)
	}
	if cfg.Spend.RulesFile != "" {
		if cfg.Spend.Rules, err = spendrules.Read(cfg.Resolve(cfg.Spend.RulesFile)); err != nil {
			return nil, redacted(err, l.secrets)
		}
	}
	cfg.Secrets = l.known(cfg)
	return cfg, nil
}

type loader struct {
	expander
	doc *yamlx.Document
	// secrets redacts the errors of loading: it knows all that was expanded, which the
	// configuration's own redactor does not need to.
	secrets *secret.Redactor
}

// The raw types are the file's keys, one to one.
type rawConfig struct {
	Workspace    string                 `yaml:"workspace"`
	Organisation rawOrganisation        `yaml:"organisation"`
	Connections  []rawConnection        `yaml:"connections"`
	Apps         []rawApp               `yaml:"apps"`
	Exempt       rawExempt              `yaml:"exempt"`
	Rightsizing  rawRightsizing         `yaml:"rightsizing"`
	Allocation   string                 `yaml:"allocation"`
	MaxSetAside  *float64               `yaml:"set_aside_percent"`
	Spend        rawSpend               `yaml:"spend"`
	Reclaim      rawReclaim             `yaml:"reclaim"`
	Pipelines    map[string]rawPipeline `yaml:"pipelines"`
	Alerts       rawAlerts              `yaml:"alerts"`
	Resources    rawResources           `yaml:"resources"`
}

type rawOrganisation struct {
	Name            string   `yaml:"name"`
	Domains         []string `yaml:"domains"`
	Timezone        string   `yaml:"timezone"`
	Currency        string   `yaml:"currency"`
	FiscalYearStart *int     `yaml:"fiscal_year_start"`
}

type rawConnection struct {
	Name           string            `yaml:"name"`
	Connector      string            `yaml:"connector"`
	App            string            `yaml:"app"`
	Instance       string            `yaml:"instance"`
	Settings       map[string]any    `yaml:"settings"`
	Auth           map[string]string `yaml:"auth"`
	Owner          string            `yaml:"owner"`
	DisconnectedOn string            `yaml:"disconnected_on"`
}

// addresses is a list of e-mail addresses, or a single one.
type addresses []string

// OneOrMany implements [yamlx.OneOrMany].
func (*addresses) OneOrMany() {}

type rawApp struct {
	ID                string               `yaml:"id"`
	Name              string               `yaml:"name"`
	Vendor            string               `yaml:"vendor"`
	Category          string               `yaml:"category"`
	Aliases           []string             `yaml:"aliases"`
	Domains           []string             `yaml:"domains"`
	TechnicalLead     string               `yaml:"technical_lead"`
	Contacts          map[string]addresses `yaml:"contacts"`
	ExcludedInstances []string             `yaml:"excluded_instances"`
	Allocation        string               `yaml:"allocation"`
	InactiveDays      *int                 `yaml:"inactive_days"`
	Birthright        bool                 `yaml:"birthright"`
}

type rawExempt struct {
	Global any            `yaml:"global"`
	Apps   map[string]any `yaml:"apps"`
}

type rawRightsizing struct {
	InactiveDays  *int `yaml:"inactive_days"`
	NewUserDays   *int `yaml:"new_user_days"`
	BufferPercent *int `yaml:"buffer_percent"`
	LicenceStep   *int `yaml:"licence_step"`
}

type rawSpend struct {
	Rules string `yaml:"rules"`
}

type rawReclaim struct {
	Rules []rawReclaimRule `yaml:"rules"`
}

type rawReclaimRule struct {
	App          string `yaml:"app"`
	Instance     string `yaml:"instance"`
	Tier         string `yaml:"tier"`
	InactiveDays *int   `yaml:"inactive_days"`
	Action       string `yaml:"action"`
	Method       string `yaml:"method"`
}

type rawPipeline struct {
	Schedule    string   `yaml:"schedule"`
	Timezone    string   `yaml:"timezone"`
	Connections []string `yaml:"connections"`
}

type rawAlerts struct {
	Email    *rawEmail    `yaml:"email"`
	Webhooks []rawWebhook `yaml:"webhooks"`
}

type rawEmail struct {
	Host     string    `yaml:"host"`
	Port     *int      `yaml:"port"`
	Username string    `yaml:"username"`
	Password string    `yaml:"password"`
	From     string    `yaml:"from"`
	To       addresses `yaml:"to"`
	Events   []string  `yaml:"events"`
}

type rawWebhook struct {
	URL    string   `yaml:"url"`
	Format string   `yaml:"format"`
	Events []string `yaml:"events"`
}

type rawResources struct {
	Memory  string `yaml:"memory"`
	Threads *int   `yaml:"threads"`
	TempDir string `yaml:"temp_dir"`
}

// config checks the raw values and makes the configuration of them. Problems go to l.doc.
func (l *loader) config(path, dir string, raw rawConfig) *Config {
	cfg := &Config{File: path, Workspace: dir, doc: l.doc}
	if raw.Workspace != "" {
		cfg.Workspace = cfg.Resolve(raw.Workspace)
	}
	cfg.Organisation = l.organisation(raw.Organisation)
	cfg.Connections = l.connections(raw.Connections)
	cfg.Apps = l.apps(raw.Apps)
	cfg.Exempt = l.exempt(raw.Exempt)
	cfg.Rightsizing = l.rightsizing(raw.Rightsizing)
	cfg.Allocation = l.allocation("allocation", raw.Allocation)
	cfg.MaxSetAside = raw.MaxSetAside
	if p := raw.MaxSetAside; p != nil && (*p < 0 || *p > 100) {
		l.doc.Add("set_aside_percent", "%g is not a share; expected percent from 0 to 100", *p)
	}
	if cfg.Allocation == "" {
		cfg.Allocation = AllocationMethods[0]
	}
	cfg.Spend = l.spend(raw.Spend, cfg)
	cfg.Reclaim = l.reclaim(raw.Reclaim, cfg)
	cfg.Pipelines = l.pipelines(raw.Pipelines, cfg)
	cfg.Alerts = l.alerts(raw.Alerts)
	cfg.Resources = l.resources(raw.Resources, cfg)
	return cfg
}

func (l *loader) organisation(raw rawOrganisation) Organisation {
	const key = "organisation"
	org := Organisation{Name: raw.Name, Currency: "USD", FiscalYearStart: 1, Timezone: time.UTC}
	l.required(key+".name", raw.Name, "the organisation's name")
	org.Domains = l.domains(key+".domains", raw.Domains)
	if raw.Timezone != "" {
		org.Timezone = l.timezone(key+".timezone", raw.Timezone)
	}
	if raw.Currency != "" {
		org.Currency = l.currency(key+".currency", raw.Currency)
	}
	if m := raw.FiscalYearStart; m != nil {
		org.FiscalYearStart = *m
		if *m < 1 || *m > 12 {
			l.doc.Add(key+".fiscal_year_start", "%d is no month; expected 1 (January) to 12", *m)
		}
	}
	return org
}

// spend only looks whether the file of rules is there; it is read when the rest is right.
func (l *loader) spend(raw rawSpend, cfg *Config) Spend {
	const key = "spend.rules"
	if raw.Rules == "" {
		if l.doc.Has(key) {
			l.required(key, raw.Rules, "a CSV's path")
		}
		return Spend{}
	}
	if info, err := os.Stat(cfg.Resolve(raw.Rules)); err != nil || info.IsDir() {
		l.doc.Add(key, "there is no file %s; expected a CSV with the columns match, pattern, vendor, app", cfg.Resolve(raw.Rules))
	}
	return Spend{RulesFile: raw.Rules}
}

func (l *loader) rightsizing(raw rawRightsizing) Rightsizing {
	r := Rightsizing{InactiveDays: 60, NewUserDays: 60, BufferPercent: 10, LicenceStep: 1}
	for _, k := range []struct {
		key       string
		given     *int
		into      *int
		low, high int
	}{
		{"inactive_days", raw.InactiveDays, &r.InactiveDays, 1, 120},
		{"new_user_days", raw.NewUserDays, &r.NewUserDays, 0, 3650},
		{"buffer_percent", raw.BufferPercent, &r.BufferPercent, 0, 1000},
		{"licence_step", raw.LicenceStep, &r.LicenceStep, 1, 100000},
	} {
		if k.given == nil {
			continue
		}
		*k.into = *k.given
		if *k.given < k.low || *k.given > k.high {
			l.doc.Add("rightsizing."+k.key, "%d; expected %d to %d", *k.given, k.low, k.high)
		}
	}
	return r
}

// allocation checks a way to spread contract value. Percentages stand in a file of kind allocations.
func (l *loader) allocation(key, value string) string {
	if value != "" && !slices.Contains(AllocationMethods, value) {
		l.doc.Add(key, "%q is not known; expected one of %s; percentages come from a connection of kind allocations",
			value, strings.Join(AllocationMethods, ", "))
	}
	return value
}

func (l *loader) resources(raw rawResources, cfg *Config) Resources {
	res := Resources{Memory: "2GB", TempDir: filepath.Join(cfg.Workspace, "state", "tmp")}
	if raw.Memory != "" {
		res.Memory = l.memory("resources.memory", raw.Memory)
	}
	if raw.Threads != nil {
		res.Threads = *raw.Threads
		if res.Threads < 1 || res.Threads > 1024 {
			l.doc.Add("resources.threads", "%d; expected 1 to 1024, or no key for all CPUs", res.Threads)
		}
	}
	if raw.TempDir != "" {
		res.TempDir = cfg.Resolve(raw.TempDir)
	}
	return res
}

// known makes the redactor of a good configuration: all secrets, and what was expanded into settings.
func (l *loader) known(cfg *Config) *secret.Redactor {
	r := &secret.Redactor{}
	for _, c := range cfg.Connections {
		for _, v := range c.Auth {
			r.Add(v.Reveal())
		}
	}
	if e := cfg.Alerts.Email; e != nil {
		r.Add(e.Password.Reveal())
	}
	for _, w := range cfg.Alerts.Webhooks {
		r.Add(w.URL.Reveal())
	}
	for key, values := range l.expanded {
		if strings.Contains(key, ".settings") || strings.Contains(key, ".auth") || strings.HasPrefix(key, "alerts.") {
			r.Add(values...)
		}
	}
	return r
}

// redacted takes secrets out of an error's texts and leaves its type.
func redacted(err error, r *secret.Redactor) error {
	var all yamlx.Errors
	if !errors.As(err, &all) {
		return err
	}
	clean := make(yamlx.Errors, len(all))
	for i, e := range all {
		c := *e
		c.Msg = r.Redact(c.Msg)
		clean[i] = &c
	}
	return clean
}
