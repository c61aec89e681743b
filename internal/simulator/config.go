package simulator

import (
	"fmt"
	"strings"
)

// Config is a configuration for the whole organisation: all vendors, pointed at the servers, and
// the uploaded files. Credentials stand in it as ${NAME}; env gives their values. An empty workspace
// leaves the default, the file's own folder.
func Config(s *Servers, workspace string) (yaml []byte, env map[string]string) {
	o := s.org
	env = map[string]string{}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	secret := func(vendor, key string) string {
		name := "RIGHTSEAT_DEMO_" + strings.ToUpper(vendor+"_"+key)
		env[name] = o.Secret(vendor, key)
		return "${" + name + "}"
	}
	owner := o.story.owner.email(o.end)

	line("# A made-up organisation: %s. Its vendors answer only while", CompanyName)
	line("# `rightseat demo` runs; query, explain and status work at any time.")
	line("organisation:")
	line("  name: %q", CompanyName)
	line("  domains: [%s, %s]", Domain, OldDomain)
	line("  timezone: UTC")
	line("  currency: USD")
	if workspace != "" {
		line("workspace: %q", workspace)
	}
	line("connections:")
	vendor := func(name, connector string, settings, auth [][2]string, more ...string) {
		line("  - name: %s", name)
		line("    connector: %s", connector)
		for _, m := range more {
			line("    %s", m)
		}
		line("    settings:")
		line("      base_url: %s", s.URL(connector))
		for _, kv := range settings {
			line("      %s: %s", kv[0], kv[1])
		}
		line("    auth:")
		for _, kv := range auth {
			line("      %s: %s", kv[0], kv[1])
		}
		line("    owner: %s", owner)
	}
	client := func(v string) [][2]string {
		return [][2]string{{"client_id", secret(v, "client_id")}, {"client_secret", secret(v, "client_secret")}}
	}
	vendor("okta", Okta, nil, [][2]string{{"token", secret(Okta, "api_token")}})
	vendor("entra", Entra, [][2]string{{"tenant_id", TenantID}}, client(Entra))
	vendor("zoom", Zoom, nil, append([][2]string{{"account_id", secret(Zoom, "account_id")}}, client(Zoom)...), "app: zoom")
	vendor("bamboohr", BambooHR, nil, [][2]string{{"api_key", secret(BambooHR, "api_key")}})
	vendor("netskope", Netskope, nil, [][2]string{{"token", secret(Netskope, "api_token")}})
	vendor("ramp", Ramp, nil, client(Ramp))
	vendor("ironclad", Ironclad, [][2]string{{"as_user_email", o.IroncladUser()}}, client(Ironclad))

	file := func(name, kind, path string, more ...string) {
		line("  - name: %s", name)
		line("    connector: file")
		for _, m := range more {
			line("    %s", m)
		}
		line("    settings: {kind: %s, path: %q}", kind, path)
		line("    owner: %s", owner)
	}
	file("figma-roster", "roster", "uploads/roster-figma-*.csv", "app: figma")
	file("lattice-roster", "roster", "uploads/roster-lattice-*.csv", "app: lattice", fmt.Sprintf("disconnected_on: %q", o.disconnectedOn()))
	file("fieldbook", "engagement", "uploads/engagement-fieldbook-*.csv", "app: "+StoryOwnApp)
	file("contract-list", "contracts", "uploads/contracts.csv")
	file("expense-reports", "spend", "uploads/expenses-*.csv")
	file("exchange-rates", "fx_rates", "uploads/fx_rates.csv")

	line("apps:")
	line("  - {id: zoom, technical_lead: %s, contacts: {it: [%s]}, category: Meetings}", owner, owner)
	line("  # The company's own app, which no catalogue knows.")
	line("  - {id: %s, name: %s, category: Research}", strings.ToLower(StoryOwnApp), StoryOwnApp)
	line("exempt: {global: exempt/global.csv}")
	line("pipelines:")
	line("  daily: {schedule: %q, timezone: UTC}", "0 5 * * *")
	return []byte(b.String()), env
}
