package sql_test

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/sql"
)

// seed is one seed file: its header and its rows, in the file's order.
type seed struct {
	columns []string
	rows    []map[string]string
}

// seedColumns is every seed file with its header. Models read the files by these names.
var seedColumns = map[string][]string{
	"app_names":                {"app_id", "kind", "name"},
	"apps":                     {"app_id", "app_name", "vendor", "category"},
	"categories":               {"category", "description"},
	"currencies":               {"word", "currency"},
	"engaged_actions":          {"app_id", "event", "action", "is_engaged", "minimum_tier"},
	"instance_suffixes":        {"suffix"},
	"legal_suffixes":           {"suffix", "meaning"},
	"other_spend_words":        {"place", "word", "what"},
	"payment_prefixes":         {"prefix", "processor"},
	"posting_words":            {"phrase", "kind", "language"},
	"rough_rates":              {"currency", "dollars"},
	"service_account_patterns": {"pattern", "reason"},
	"statement_words":          {"kind", "word"},
	"status_words":             {"vocabulary", "word", "meaning"},
	"tiers":                    {"app_id", "tier", "rank", "paid"},
	"vendor_spend_aliases":     {"vendor", "alias"},
}

// optionalColumns may be empty.
var optionalColumns = map[string]bool{"minimum_tier": true}

func readSeed(t *testing.T, name string) seed {
	t.Helper()
	f, err := sql.Files.Open("seeds/" + name + ".csv")
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	records, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err, "every row has as many cells as the header")
	require.NotEmpty(t, records)
	s := seed{columns: records[0]}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range s.columns {
			row[column] = record[i]
		}
		s.rows = append(s.rows, row)
	}
	return s
}

// normalise is how names are compared: lower case, and one blank for every run of what is
// neither letter nor digit.
func normalise(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}

func TestSeedFilesAreWellFormed(t *testing.T) {
	t.Parallel()
	for name, columns := range seedColumns {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := readSeed(t, name)
			assert.Equal(t, columns, s.columns)
			assert.NotEmpty(t, s.rows)
			key := func(row map[string]string) string {
				cells := make([]string, len(columns))
				for i, c := range columns {
					cells[i] = row[c]
				}
				return strings.Join(cells, "\x00")
			}
			for i, row := range s.rows {
				for _, c := range columns {
					assert.Equal(t, strings.TrimSpace(row[c]), row[c], "row %d, column %s: no blanks around", i+2, c)
					if !optionalColumns[c] {
						assert.NotEmpty(t, row[c], "row %d, column %s", i+2, c)
					}
				}
				if i > 0 {
					assert.Less(t, key(s.rows[i-1]), key(row), "row %d: sorted bytewise by its cells, without repeats", i+2)
				}
			}
		})
	}
}

func TestNoOtherFilesAmongSeeds(t *testing.T) {
	t.Parallel()
	entries, err := sql.Files.ReadDir("seeds")
	require.NoError(t, err)
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".csv")
		if !ok {
			continue
		}
		assert.Contains(t, seedColumns, name, "declare the seed's columns in seedColumns")
	}
}

var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func TestApps(t *testing.T) {
	t.Parallel()
	categories := map[string]int{}
	for _, row := range readSeed(t, "categories").rows {
		categories[row["category"]] = 0
	}
	apps := readSeed(t, "apps")
	assert.GreaterOrEqual(t, len(apps.rows), 320)
	ids := map[string]bool{}
	for _, app := range apps.rows {
		id := app["app_id"]
		assert.Regexp(t, slug, id)
		assert.False(t, ids[id], "%s is there twice", id)
		ids[id] = true
		if assert.Contains(t, categories, app["category"], id) {
			categories[app["category"]]++
		}
	}
	for category, n := range categories {
		assert.Positive(t, n, "category %s has no app", category)
	}
}

// TestNamesBelongToOneApp guards the resolution of apps: whatever a source calls an app, at
// most one app answers to it.
func TestNamesBelongToOneApp(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	claim := func(id, name string) {
		n := normalise(name)
		if !assert.NotEmpty(t, n, "%s: %q has no letter or digit", id, name) {
			return
		}
		if other, taken := owner[n]; taken && other != id {
			t.Errorf("%q belongs to both %s and %s", name, other, id)
		}
		owner[n] = id
	}
	for _, app := range readSeed(t, "apps").rows {
		claim(app["app_id"], app["app_id"])
		claim(app["app_id"], app["app_name"])
	}
	for _, row := range readSeed(t, "app_names").rows {
		if row["kind"] == "alias" || row["kind"] == "sso_name" {
			claim(row["app_id"], row["name"])
		}
	}
}

var domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)

func TestAppNames(t *testing.T) {
	t.Parallel()
	known, reachable := map[string]bool{}, map[string]bool{}
	for _, app := range readSeed(t, "apps").rows {
		known[app["app_id"]] = true
	}
	domains, spend := map[string]string{}, map[string]string{}
	for _, row := range readSeed(t, "app_names").rows {
		id, kind, name := row["app_id"], row["kind"], row["name"]
		assert.True(t, known[id], "%s is no app of apps.csv", id)
		switch kind {
		case "domain":
			assert.Regexp(t, domain, name, id)
			assert.Empty(t, domains[name], "%s belongs to both %s and %s", name, domains[name], id)
			domains[name], reachable[id] = id, true
		case "spend_alias":
			n := normalise(name)
			assert.NotEmpty(t, n, id)
			assert.Equal(t, strings.ToUpper(name), name, "%s: spend aliases are upper case, as on statements", id)
			assert.Empty(t, spend[n], "%s belongs to both %s and %s", name, spend[n], id)
			spend[n] = id
		case "alias", "sso_name":
			reachable[id] = true
		default:
			t.Errorf("%s: kind %q is none of alias, domain, spend_alias, sso_name", id, kind)
		}
	}
	for id := range known {
		assert.True(t, reachable[id], "%s has neither a domain nor an alias", id)
	}
}

// TestVendorSpendAliases: an alias stands at vendor level because the vendor sells several
// apps and the text names none of them.
func TestVendorSpendAliases(t *testing.T) {
	t.Parallel()
	appsOf, taken := map[string]int{}, map[string]string{}
	for _, app := range readSeed(t, "apps").rows {
		appsOf[app["vendor"]]++
		taken[normalise(app["app_name"])] = app["app_id"]
		taken[normalise(app["app_id"])] = app["app_id"]
	}
	for _, row := range readSeed(t, "app_names").rows {
		if row["kind"] == "spend_alias" {
			taken[normalise(row["name"])] = row["app_id"]
		}
	}
	owner := map[string]string{}
	for _, row := range readSeed(t, "vendor_spend_aliases").rows {
		n := normalise(row["alias"])
		assert.Greater(t, appsOf[row["vendor"]], 1, "%s: a vendor of one app has its spend aliases on that app", row["vendor"])
		assert.Empty(t, taken[n], "%s names the app %s", row["alias"], taken[n])
		assert.Empty(t, owner[n], "%s belongs to both %s and %s", row["alias"], owner[n], row["vendor"])
		assert.Equal(t, strings.ToUpper(row["alias"]), row["alias"])
		owner[n] = row["vendor"]
	}
}

func TestEngagedActions(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, app := range readSeed(t, "apps").rows {
		known[app["app_id"]] = true
	}
	event := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	seen, engaged := map[string]bool{}, map[string]int{}
	for _, row := range readSeed(t, "engaged_actions").rows {
		id := row["app_id"]
		assert.True(t, known[id], "%s is no app of apps.csv", id)
		assert.Regexp(t, event, row["event"], id)
		assert.Contains(t, []string{"yes", "no"}, row["is_engaged"])
		key := id + " " + row["event"]
		assert.False(t, seen[key], "%s is there twice", key)
		seen[key] = true
		if row["is_engaged"] == "yes" {
			engaged[id]++
		} else {
			engaged[id] += 0
		}
	}
	for id, n := range engaged {
		assert.Positive(t, n, "%s lists events, none of them engaged: nobody could ever be engaged", id)
	}
	for _, e := range []string{"hosted_meeting", "attended_meeting", "shared_screen", "shared_video", "shared_audio",
		"whiteboard", "recorded", "chat", "phone_call", "signed_in"} {
		assert.True(t, seen["zoom "+e], "zoom %s", e)
	}
}

func TestSpendTextSeeds(t *testing.T) {
	t.Parallel()
	for _, row := range readSeed(t, "payment_prefixes").rows {
		assert.Equal(t, strings.ToUpper(row["prefix"]), row["prefix"])
	}
	for _, row := range readSeed(t, "legal_suffixes").rows {
		assert.Equal(t, strings.ToUpper(row["suffix"]), row["suffix"])
	}
	names := map[string]bool{}
	for _, row := range readSeed(t, "app_names").rows {
		names[strings.ToUpper(row["name"])] = true
	}
	for _, row := range readSeed(t, "posting_words").rows {
		assert.Equal(t, strings.ToUpper(row["phrase"]), row["phrase"])
		assert.Contains(t, []string{"posting", "fee"}, row["kind"], row["phrase"])
		assert.False(t, names[row["phrase"]], "%s is an app", row["phrase"])
	}
	neutral, trade := map[string]bool{}, map[string]bool{}
	for _, row := range readSeed(t, "statement_words").rows {
		word := row["word"]
		assert.Equal(t, strings.ToUpper(word), word)
		assert.NotContains(t, word, " ", "single words: texts are compared word by word")
		switch row["kind"] {
		case "amount", "billing", "place":
			neutral[word] = true
		case "trade":
			trade[word] = true
		case "ordinary":
		default:
			t.Errorf("%s: kind %q is none of amount, billing, ordinary, place, trade", word, row["kind"])
		}
	}
	for word := range trade {
		assert.False(t, neutral[word], "%s can't both be what other businesses do and say nothing", word)
	}
}

// TestServiceAccountPatterns applies the patterns as SQL's LIKE does, without an escape. Taking a
// person for a machine hides a licence, so names of people must never match.
func TestServiceAccountPatterns(t *testing.T) {
	t.Parallel()
	patterns := readSeed(t, "service_account_patterns").rows
	matches := func(local string) bool {
		return slices.ContainsFunc(patterns, func(row map[string]string) bool {
			return like(row["pattern"]).MatchString(local)
		})
	}
	for _, row := range patterns {
		assert.Equal(t, strings.ToLower(row["pattern"]), row["pattern"])
		assert.NotRegexp(t, `^[%_]*$`, row["pattern"], "it would match everybody")
	}
	for _, local := range []string{"svc-backup", "svc_backup", "svc.backup", "noreply", "no-reply", "donotreply", "backup-svc", "slack-bot", "service-desk"} {
		assert.True(t, matches(local), local)
	}
	for _, local := range []string{"ann", "ann.smith", "anne-marie.bot", "abbott", "talbot", "b.service", "serviceberry", "noreen", "root", "saskia", "sa-ra.kim", "admin", "info", "it", "robotham"} {
		assert.False(t, matches(local), local)
	}
}

// like turns a LIKE pattern into a regular expression.
func like(pattern string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(pattern)) + "$")
}

func Example_seeds() {
	data, err := sql.Files.ReadFile("seeds/apps.csv")
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "zoom,") {
			fmt.Print(line)
		}
	}
	// Output: zoom,Zoom,"Zoom Video Communications, Inc.",Meetings
}

// TestStatusWords holds that each word says one thing, and one that the feeds know.
func TestStatusWords(t *testing.T) {
	t.Parallel()
	meanings := map[string][]string{}
	for _, v := range []filekind.Vocabulary{
		filekind.AccountStatus, filekind.ContractStatus, filekind.EmploymentStatus, filekind.AssignmentStatus, filekind.Outcome, filekind.SignInKind,
		filekind.BillingPeriod, filekind.SpendType, filekind.AssignedVia, filekind.YesNo,
	} {
		meanings[v.Name] = v.Meanings
	}
	said := map[string]string{}
	for _, row := range readSeed(t, "status_words").rows {
		assert.Contains(t, meanings[row["vocabulary"]], row["meaning"], "%v", row)
		key := row["vocabulary"] + " " + normalise(row["word"])
		if other, ok := said[key]; ok {
			assert.Equal(t, other, row["meaning"], "%v says two things", row)
		}
		said[key] = row["meaning"]
	}
	for vocabulary, all := range meanings {
		for _, m := range all {
			assert.Contains(t, said, vocabulary+" "+normalise(m), "the meaning itself is a word")
		}
	}
}
