package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/secret"
	"github.com/rightseat/rightseat/internal/yamlx"
)

var update = flag.Bool("update", false, "rewrite golden files")

var testEnv = map[string]string{"OKTA_TOKEN": "okta-token-0123", "ORG": "acmeorg", "SMTP": "smtp-password", "EMPTY": ""}

func getenv(name string) (string, bool) {
	v, ok := testEnv[name]
	return v, ok
}

// TestBadFiles compares every problem found in testdata/*.bad.yaml with *.bad.txt.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.bad.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	dir, err := filepath.Abs("testdata")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			_, err := Load(file, getenv)
			require.Error(t, err)
			assert.True(t, yamlx.IsUsage(err))
			got := strings.ReplaceAll(err.Error(), dir, "DIR") + "\n"
			for _, secret := range []string{"okta-token-0123", "smtp-password", "hooks-secret-path"} {
				assert.NotContains(t, got, secret)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

func TestContractExample(t *testing.T) {
	t.Parallel()
	cfg, err := Load("testdata/contract.good.yaml", getenv)
	require.NoError(t, err)
	assert.Equal(t, Organisation{Name: "Acme", Domains: []string{"acme.example"}, Timezone: time.UTC, Currency: "USD", FiscalYearStart: 1}, cfg.Organisation)
	require.Equal(t, []string{"okta", "zoom", "people"}, cfg.ConnectionNames())
	okta, ok := cfg.Connection("okta")
	require.True(t, ok)
	assert.Equal(t, Connection{
		Name: "okta", Connector: "okta", Owner: "it-ops@acme.example", Line: 3,
		Settings: map[string]any{"base_url": "https://acme.okta.com"},
		Auth:     map[string]secret.Value{"token": secret.New("okta-token-0123")},
	}, okta)
	people, _ := cfg.Connection("people")
	assert.Equal(t, map[string]any{"kind": "org_chart", "path": "uploads/people-*.csv", "columns": map[string]any{"Email address": "email"}}, people.Settings)
	assert.Equal(t, []App{{ID: "zoom", TechnicalLead: "ann@acme.example", Contacts: map[string][]string{"it": {"it@acme.example"}}, Category: "Meetings"}}, cfg.Apps)
	assert.Equal(t, Exempt{Global: "exempt/global.csv", Apps: map[string]string{"zoom": "exempt/zoom.csv"}}, cfg.Exempt)
	assert.Equal(t, map[string]Pipeline{"daily": {Schedule: "0 3 * * *", Timezone: "Europe/Berlin"}}, cfg.Pipelines)
	_, ok = cfg.Connection("none")
	assert.False(t, ok)
}

func TestFullExample(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, err := os.ReadFile("testdata/full.good.yaml")
	require.NoError(t, err)
	file := filepath.Join(dir, FileName)
	require.NoError(t, os.WriteFile(file, data, 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "secrets"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secrets", "key.pem"), []byte("line one\nline two\n\n"), 0o600))

	cfg, err := Load(file, getenv)
	require.NoError(t, err)
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "data"), cfg.Workspace)
	assert.Equal(t, Organisation{
		Name: "Acme & Söhne", Domains: []string{"acme.example", "acme-labs.co.uk"}, Timezone: newYork, Currency: "EUR", FiscalYearStart: 7,
	}, cfg.Organisation)

	okta, _ := cfg.Connection("okta")
	assert.Equal(t, map[string]any{
		"base_url": "https://acmeorg.okta.com", "start_date": "2026-01-01", "log_filter": "price ${ORG} is $5",
	}, okta.Settings)
	assert.Equal(t, "okta-token-0123", okta.Auth["token"].Reveal())
	assert.Equal(t, "line one\nline two\n", okta.Auth["key"].Reveal(), "one trailing newline is trimmed")
	assert.Equal(t, "007", okta.Auth["number"].Reveal(), "as written")
	assert.False(t, okta.IsManifestPath())

	crm, _ := cfg.Connection("old-crm")
	assert.True(t, crm.IsManifestPath())
	assert.Equal(t, "2026-05-31", crm.DisconnectedOn)
	assert.Equal(t, filepath.Join(dir, "connectors", "crm.yaml"), cfg.Resolve(crm.Connector))
	assert.Equal(t, "/etc/x", cfg.Resolve("/etc/../etc/x"))

	assert.Equal(t, Exempt{
		Emails:    []string{"ceo@acme.example", "cfo@acme.example"},
		Apps:      map[string]string{"zoom": "exempt/zoom.csv"},
		AppEmails: map[string][]string{"crm": {"ann@acme.example"}},
	}, cfg.Exempt)
	assert.Equal(t, map[string][]string{"security": {"sec@acme.example"}, "functional": {"a@acme.example", "b@acme.example"}}, cfg.Apps[0].Contacts)
	assert.Equal(t, []string{"by_hand", "daily", "weekly"}, cfg.PipelineNames())
	assert.Equal(t, "America/New_York", cfg.Pipelines["daily"].Timezone, "the organisation's")
	assert.Equal(t, "Asia/Tokyo", cfg.Pipelines["weekly"].Timezone)
	assert.Equal(t, 587, cfg.Alerts.Email.Port)
	assert.Equal(t, "smtp-password", cfg.Alerts.Email.Password.Reveal())
	assert.Equal(t, []string{"ops@acme.example"}, cfg.Alerts.Email.To)
	assert.Equal(t, "slack", cfg.Alerts.Webhooks[0].Format)
	assert.Equal(t, "json", cfg.Alerts.Webhooks[1].Format)
	assert.Equal(t, Resources{Memory: "512MB", Threads: 4, TempDir: "/var/tmp/rs"}, cfg.Resources)

	redacted := cfg.Secrets.Redact("okta-token-0123 acmeorg smtp-password https://hooks.acme.example/T0/secretpath Acme & Söhne")
	assert.Equal(t, "[redacted] [redacted] [redacted] [redacted] Acme & Söhne", redacted)
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	cfg, err := Parse("rightseat.yaml", []byte("organisation: {name: Acme}\n"), getenv)
	require.NoError(t, err)
	dir, err := os.Getwd()
	require.NoError(t, err)
	assert.Equal(t, dir, cfg.Workspace)
	assert.Equal(t, Organisation{Name: "Acme", Timezone: time.UTC, Currency: "USD", FiscalYearStart: 1}, cfg.Organisation)
	assert.Equal(t, Resources{Memory: "2GB", TempDir: filepath.Join(dir, "state", "tmp")}, cfg.Resources)
	assert.Empty(t, cfg.Connections)
	assert.NotNil(t, cfg.Secrets)
}

func TestLoadMissingFile(t *testing.T) {
	t.Parallel()
	_, err := Load("testdata/none.yaml", getenv)
	require.EqualError(t, err, "testdata/none.yaml: there is no such file; expected the configuration; rightseat init writes one")
	assert.True(t, yamlx.IsUsage(err))
}

func TestWithoutSecrets(t *testing.T) {
	t.Parallel()
	text := "organisation: {name: Acme}\nconnections:\n  - {name: a, connector: okta, auth: {token: ${NOPE}, key: ${file:nope}}}\n"
	_, err := Parse("rightseat.yaml", []byte(text), getenv)
	require.Error(t, err)
	cfg, err := Parse("rightseat.yaml", []byte(text), getenv, WithoutSecrets())
	require.NoError(t, err)
	assert.True(t, cfg.Connections[0].Auth["token"].IsZero())

	_, err = Parse("rightseat.yaml", []byte("organisation: {name: Acme, x: y}\n"), getenv, WithoutSecrets())
	assert.EqualError(t, err, "rightseat.yaml:1:28: organisation.x: unknown key; known are name, domains, timezone, currency, fiscal_year_start")
}

func TestExpansionIsNotExpandedAgain(t *testing.T) {
	t.Parallel()
	env := func(string) (string, bool) { return "${OTHER} $${X}", true }
	cfg, err := Parse("rightseat.yaml", []byte("organisation: {name: \"a ${A} b\"}\n"), env)
	require.NoError(t, err)
	assert.Equal(t, "a ${OTHER} $${X} b", cfg.Organisation.Name)
}

func TestExpandOneValue(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want, err string }{
		"nothing":         {"plain", "plain", ""},
		"whole":           {"${ORG}", "acmeorg", ""},
		"inside":          {"a${ORG}b${ORG}", "aacmeorgbacmeorg", ""},
		"empty variable":  {"a${EMPTY}b", "ab", ""},
		"dollar alone":    {"pa$$word $ $ORG", "pa$$word $ $ORG", ""},
		"escaped":         {"$${ORG} ${ORG}", "${ORG} acmeorg", ""},
		"escaped, open":   {"$${", "${", ""},
		"two missing":     {"${X1}${X2}", "", "the environment variable X1 is not set; the environment variable X2 is not set"},
		"default syntax":  {"${X:-y}", "", "${X:-y} is no reference; expected ${NAME} or ${file:PATH}, or $${ for a literal ${"},
		"empty reference": {"${}", "", "${} is no reference; expected ${NAME} or ${file:PATH}, or $${ for a literal ${"},
		"open":            {"x ${ORG", "", "${ without }; expected ${NAME} or ${file:PATH}, or $${ for a literal ${"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := &expander{dir: t.TempDir(), getenv: getenv, expanded: map[string][]string{}}
			got, err := x.expand("k", tt.in)
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestDollarWithoutBracesIsAskedAbout(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ key, in, hint string }{
		"a shell's":           {"connections[0].auth.token", "$OKTA_TOKEN", "${OKTA_TOKEN}"},
		"with blanks":         {"connections[0].auth.token", " $OKTA_TOKEN ", "${OKTA_TOKEN}"},
		"Windows's":           {"connections[0].auth.token", "%OKTA_TOKEN%", "${OKTA_TOKEN}"},
		"a command":           {"connections[0].auth.token", "$(cat /run/token)", "${NAME}"},
		"a template":          {"connections[0].auth.token", "{{ env.OKTA_TOKEN }}", "${NAME}"},
		"maybe a secret":      {"connections[0].auth.token", "$s3cretWord", "${NAME}"},
		"inside an address":   {"connections[0].settings.base_url", "https://$OKTA_HOST/api", "${OKTA_HOST}"},
		"the mail's password": {"alerts.email.password", "$SMTP_PASSWORD", "${SMTP_PASSWORD}"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := &expander{dir: t.TempDir(), getenv: getenv, expanded: map[string][]string{}}
			_, err := x.expand(tt.key, tt.in)
			require.ErrorContains(t, err, "expected "+tt.hint)
			assert.NotContains(t, err.Error(), "s3cret")
		})
	}
	x := &expander{dir: t.TempDir(), getenv: getenv, expanded: map[string][]string{}}
	for _, literal := range []string{"pa$$word", "a$OKTAx", "100%", "$", "$5", "p$a"} {
		got, err := x.expand("connections[0].auth.password", literal)
		require.NoError(t, err, literal)
		assert.Equal(t, literal, got)
	}
}

func TestSecretsOfOneLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ value, why string }{
		"a token":        {"00abc-DEF", ""},
		"two words":      {"correct horse", ""},
		"a PEM key":      {"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n", ""},
		"a JSON key":     {"{\n  \"client_email\": \"x\"\n}", ""},
		"echo's newline": {"00abc\n", "ends with a line break"},
		"Windows's":      {"00abc\r\n", "ends with a line break"},
		"two lines":      {"00abc\n00def", "has a line break in it"},
		"a blank":        {"00abc ", "blanks"},
		"a tab inside":   {"00\tabc", "control character"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			why := brokenSecret("token", tt.value)
			if tt.why == "" {
				assert.Empty(t, why)
				return
			}
			assert.Contains(t, why, tt.why)
			assert.NotContains(t, why, "00abc")
		})
	}
}

func TestSecretFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, data []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	write("unix", []byte("token\n"))
	write("windows", []byte("token\r\n"))
	write("bare", []byte("token"))
	write("large", make([]byte, maxSecretFile+1))
	x := &expander{dir: dir, getenv: getenv, expanded: map[string][]string{}}
	for _, name := range []string{"unix", "windows", "bare", filepath.Join(dir, "bare")} {
		got, err := x.expand("k", "${file:"+name+"}")
		require.NoError(t, err)
		assert.Equal(t, "token", got)
	}
	_, err := x.expand("k", "${file:large}")
	assert.ErrorContains(t, err, "is larger than 1 MiB")
}

func TestParseSchedule(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	s, err := ParseSchedule("30 3 * * 1-5")
	require.NoError(t, err)
	friday := time.Date(2026, 3, 27, 12, 0, 0, 0, berlin)
	assert.Equal(t, time.Date(2026, 3, 30, 3, 30, 0, 0, berlin), s.Next(friday))

	for _, bad := range []string{"", "* * * *", "* * * * * *", "61 * * * *", "TZ=", "CRON_TZ=UTC 0 3 * * *", "@every 1s", "@reboot", "0 0 31 2 *"} {
		_, err := ParseSchedule(bad)
		assert.Error(t, err, bad)
	}
}

func TestIsCurrency(t *testing.T) {
	t.Parallel()
	for _, code := range strings.Fields(currencies) {
		assert.True(t, IsCurrency(code), code)
	}
	for _, code := range []string{"", "usd", "US", "USDX", "D A", "XXX", "EU"} {
		assert.False(t, IsCurrency(code), code)
	}
}

func TestCheckConnections(t *testing.T) {
	t.Parallel()
	cfg, err := Load("testdata/contract.good.yaml", getenv)
	require.NoError(t, err)
	assert.NoError(t, cfg.CheckConnections(func(Connection, Report) {}))
	check := func(c Connection, report Report) {
		if c.Name == "okta" {
			report("auth.token", "the token %s is too short", c.Auth["token"].Reveal())
			report("settings.domain", "is missing")
			report("connector", "unknown connector")
		}
	}
	for range 2 { // problems do not pile up
		err = cfg.CheckConnections(check)
		require.EqualError(t, err, "testdata/contract.good.yaml:4:16: connections[0].connector: unknown connector\n"+
			"testdata/contract.good.yaml:5:5: connections[0].settings.domain: is missing\n"+
			"testdata/contract.good.yaml:6:19: connections[0].auth.token: the token [redacted] is too short")
		assert.True(t, yamlx.IsUsage(err))
	}

	inMemory := &Config{Connections: []Connection{{Name: "a"}}}
	err = inMemory.CheckConnections(func(_ Connection, report Report) { report("connector", "is missing") })
	assert.ErrorContains(t, err, "connections[0].connector: is missing")
}

func TestResolveInMemory(t *testing.T) {
	t.Parallel()
	c := &Config{Workspace: "/w"}
	assert.Equal(t, "/w/a/b", c.Resolve("a/b"))
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	load := func(change ...string) string {
		data, err := os.ReadFile("testdata/contract.good.yaml")
		require.NoError(t, err)
		text := strings.NewReplacer(change...).Replace(string(data))
		if len(change) > 0 {
			require.NotEqual(t, string(data), text)
		}
		cfg, err := Parse("rightseat.yaml", []byte(text), getenv)
		require.NoError(t, err)
		return cfg.Fingerprint()
	}
	same := load()
	for name, change := range map[string][]string{
		"token":     {"${OKTA_TOKEN}", "other-token"},
		"address":   {"https://acme.okta.com", "https://127.0.0.1:1"},
		"owner":     {"it-ops@acme.example", "x@acme.example"},
		"lead":      {"ann@acme.example", "x@acme.example"},
		"schedule":  {"0 3 * * *", "0 4 * * *"},
		"file form": {"# unique; names", "# names"},
	} {
		assert.Equal(t, same, load(change...), name)
	}
	for name, change := range map[string][]string{
		"zone":     {"timezone: UTC", "timezone: Asia/Tokyo"},
		"currency": {"currency: USD", "currency: EUR"},
		"domain":   {"domains: [acme.example]", "domains: [acme.example, b.example]"},
		"instance": {"instance: zoom-prod", "instance: zoom-test"},
		"columns":  {"Email address: email", "Mail: email"},
		"exempt":   {"exempt/zoom.csv", "exempt/z.csv"},
		"app":      {"category: Meetings", "category: Other"},
		"ended":    {"app: zoom  ", "disconnected_on: 2026-01-01\n    app: zoom  "},
	} {
		assert.NotEqual(t, same, load(change...), name)
	}

	a := Config{Connections: []Connection{{Name: "a"}, {Name: "b"}}, Apps: []App{{ID: "x"}, {ID: "y"}}}
	b := Config{Connections: []Connection{{Name: "b"}, {Name: "a"}}, Apps: []App{{ID: "y"}, {ID: "x"}}}
	assert.Equal(t, a.Fingerprint(), b.Fingerprint(), "order does not matter")
	assert.Equal(t, "b", b.Connections[0].Name, "nothing is reordered in place")
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Acme", `Müller "Söhne" # & {Co}: \`, "${HOME}"} {
		cfg, err := Parse(FileName, Template(name), func(n string) (string, bool) { return "$" + n, true })
		require.NoError(t, err, name)
		if name == "" {
			assert.Equal(t, "Acme", cfg.Organisation.Name)
		} else {
			assert.Equal(t, name, cfg.Organisation.Name)
		}
		assert.Contains(t, cfg.Pipelines, "daily")
	}
}

// TestTemplateExamples removes the comment signs of the template's examples: they must load too.
func TestTemplateExamples(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	example := false
	for _, line := range strings.Split(string(Template("Acme")), "\n") {
		bare := strings.Replace(line, "# ", "", 1)
		trimmed := strings.TrimSpace(bare)
		start := strings.HasPrefix(trimmed, "- name:") || trimmed == "apps:" || trimmed == "exempt:" || trimmed == "resources:" || trimmed == "alerts:"
		example = strings.HasPrefix(strings.TrimSpace(line), "#") && (start || example)
		if example {
			line = bare
		}
		text.WriteString(line + "\n")
	}
	cfg, err := Parse(FileName, []byte(text.String()), func(string) (string, bool) { return "https://x.example/secret", true })
	require.NoError(t, err, text.String())
	assert.Equal(t, []string{"okta", "zoom", "people"}, cfg.ConnectionNames())
	assert.NotEmpty(t, cfg.Apps)
	assert.NotEmpty(t, cfg.Exempt.AppEmails)
	assert.Equal(t, "2GB", cfg.Resources.Memory)
	assert.NotNil(t, cfg.Alerts.Email)
	assert.Len(t, cfg.Alerts.Webhooks, 1)
}

func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(Template("Acme"))
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := Parse("rightseat.yaml", data, getenv)
		if err != nil {
			assert.True(t, yamlx.IsUsage(err))
			assert.NotContains(t, err.Error(), "okta-token-0123")
			return
		}
		assert.NotEmpty(t, cfg.Fingerprint())
		assert.NotEmpty(t, cfg.Organisation.Name)
		assert.NotNil(t, cfg.Organisation.Timezone)
	})
}

func TestAShareOfSetAsideRecords(t *testing.T) {
	t.Parallel()
	const rest = "organisation: {name: Acme}\n"
	for text, want := range map[string]float64{"": 1, "set_aside_percent: 5\n": 5, "set_aside_percent: 2.5\n": 2.5, "set_aside_percent: 0\n": 0} {
		cfg, err := Parse(FileName, []byte(rest+text), getenv)
		require.NoError(t, err, text)
		assert.InDelta(t, want, cfg.SetAsidePercent(), 0, text)
	}
	for _, text := range []string{"101", "-1", ".inf", ".nan", "few", "[1]", "true", "123456789012345678901234567890"} {
		_, err := Parse(FileName, []byte(rest+"set_aside_percent: "+text+"\n"), getenv)
		require.ErrorContains(t, err, "set_aside_percent", text)
	}
}
