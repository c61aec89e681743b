package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
)

// notInFingerprint are settings that say where data comes from, not what it means: a new
// address for the same vendor changes no number.
var notInFingerprint = []string{"base_url", "token_url"}

// Fingerprint is a hash over everything in the configuration that changes numbers: the
// organisation, the connections (without auth, owners and addresses), the apps (without
// people to be told), the rules for spend and the exempt lists by name. Order in the file does not matter. The
// contents of exempt files are not part of it. A run whose fingerprint differs from that of
// the last one recomputes everything.
func (c *Config) Fingerprint() string {
	type connection struct {
		Name, Connector, App, Instance, DisconnectedOn string
		Settings                                       map[string]any
	}
	var connections []connection
	for _, conn := range c.Connections {
		settings := maps.Clone(conn.Settings)
		maps.DeleteFunc(settings, func(key string, _ any) bool { return slices.Contains(notInFingerprint, key) })
		if len(settings) == 0 {
			settings = nil
		}
		connections = append(connections, connection{conn.Name, conn.Connector, conn.App, conn.Instance, conn.DisconnectedOn, settings})
	}
	slices.SortFunc(connections, func(a, b connection) int { return cmp.Compare(a.Name, b.Name) })

	apps := slices.Clone(c.Apps)
	for i := range apps {
		apps[i].TechnicalLead, apps[i].Contacts = "", nil
	}
	slices.SortFunc(apps, func(a, b App) int { return cmp.Compare(a.ID, b.ID) })

	// Where a rule stands in the file only says which one comes first.
	rules := slices.Clone(c.Spend.Rules)
	for i := range rules {
		rules[i].Line = 0
	}

	zone := "UTC"
	if c.Organisation.Timezone != nil {
		zone = c.Organisation.Timezone.String()
	}
	text, err := json.Marshal(map[string]any{
		"name": c.Organisation.Name, "domains": c.Organisation.Domains, "timezone": zone,
		"currency": c.Organisation.Currency, "fiscal_year_start": c.Organisation.FiscalYearStart,
		"connections": connections, "apps": apps, "exempt": c.Exempt, "rightsizing": c.Rightsizing, "spend_rules": rules, "reclaim": c.Reclaim,
		"allocation": c.Allocation, "set_aside_percent": c.SetAsidePercent(),
	})
	if err != nil {
		// Only settings made in memory can hold what JSON can't say: a mistake in the program.
		panic("config: fingerprint: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
