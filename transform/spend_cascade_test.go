package transform_test

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/spendrules"
	"github.com/rightseat/rightseat/internal/statements"
	rightsql "github.com/rightseat/rightseat/sql"
)

// spendName is a name as the cascade compares it.
type spendName struct {
	key, app, vendor, kind string
	isPrefix, isOrdinary   bool
	priority               int
}

// cascade is the matching of statement texts once more, text by text and name by name.
type cascade struct {
	names                     []spendName
	prefixes, suffixes        []string
	postings                  map[string]bool // phrase, and whether it is a fee
	trade, neutral, ordinary  map[string]bool
	processors, neutralStarts map[string]bool
	rules                     []spendrules.Rule
	aliases                   map[string]string // app by slug
	vendors                   map[string]string // by app
}

func seedRows(t testing.TB, name string) [][]string {
	t.Helper()
	f, err := rightsql.Files.Open("seeds/" + name + ".csv")
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	return rows[1:]
}

func newCascade(t testing.TB, rules []spendrules.Rule) *cascade {
	c := &cascade{
		trade: map[string]bool{}, neutral: map[string]bool{}, ordinary: map[string]bool{}, processors: map[string]bool{},
		neutralStarts: map[string]bool{}, rules: rules, aliases: map[string]string{}, vendors: map[string]string{},
	}
	for _, r := range seedRows(t, "statement_words") {
		map[string]map[string]bool{"trade": c.trade, "amount": c.neutral, "billing": c.neutral, "place": c.neutral, "ordinary": c.ordinary}[r[0]][r[1]] = true
	}
	for _, r := range seedRows(t, "legal_suffixes") {
		if key := spendrules.Normal(r[0]); !c.trade[key] {
			c.suffixes = append(c.suffixes, key)
			if !strings.Contains(key, " ") {
				c.neutral[key] = true
			}
		}
	}
	for w := range c.neutral {
		c.neutralStarts[string([]rune(w)[:min(3, len([]rune(w)))])] = true
	}
	c.postings = map[string]bool{}
	for _, r := range seedRows(t, "posting_words") {
		c.postings[spendrules.Normal(r[0])] = r[1] == "fee"
	}
	prefixes := seedRows(t, "payment_prefixes")
	for _, p := range prefixes {
		c.prefixes = append(c.prefixes, spendrules.Normal(p[0]))
	}
	count := map[string]int{}
	for _, r := range seedRows(t, "apps") {
		c.vendors[r[0]], c.aliases[strings.ToLower(strings.ReplaceAll(spendrules.Normal(r[1]), " ", "-"))] = r[2], r[0]
		count[r[2]]++
	}
	vendorKeys := map[string]bool{}
	for _, r := range seedRows(t, "vendor_spend_aliases") {
		vendorKeys[spendrules.Normal(r[1])] = true
		c.add(spendrules.Normal(r[1]), "", r[0], "vendor", true, 3)
	}
	for _, r := range seedRows(t, "apps") {
		for _, name := range []string{r[0], r[1]} {
			if key := spendrules.Normal(name); !vendorKeys[key] {
				c.add(key, r[0], r[2], "name", false, 2)
			}
		}
		if count[r[2]] == 1 {
			c.add(spendrules.Normal(r[2]), r[0], r[2], "company", true, 4)
		}
		for _, p := range prefixes {
			if p[1] == r[1] || strings.HasPrefix(p[1], r[1]+" ") {
				c.processors[r[0]] = true
			}
		}
	}
	for _, r := range seedRows(t, "app_names") {
		key := spendrules.Normal(r[2])
		switch {
		case r[1] == "spend_alias":
			c.add(key, r[0], c.vendors[r[0]], "alias", true, 2)
		case vendorKeys[key]:
		case r[1] == "domain":
			c.add(key, r[0], c.vendors[r[0]], "domain", true, 2)
		default:
			c.add(key, r[0], c.vendors[r[0]], "name", false, 2)
		}
	}
	return c
}

var vowel = regexp.MustCompile(`[AEIOUY]`)

func glue(s string) string { return strings.ReplaceAll(s, " ", "") }

func (c *cascade) add(key, app, vendor, kind string, isPrefix bool, priority int) {
	n := spendName{key: key, app: app, vendor: vendor, kind: kind, isPrefix: isPrefix, priority: priority}
	single := func(k string) bool {
		return !strings.Contains(k, " ") && (c.ordinary[k] || len([]rune(k)) <= 5 && vowel.MatchString(k))
	}
	n.isOrdinary = single(key)
	c.names = append(c.names, n)
	if g := glue(key); g != key && len([]rune(g)) >= 7 && kind != "domain" {
		n.key, n.priority, n.isOrdinary = g, 5, single(g)
		c.names = append(c.names, n)
	}
}

type spendText struct {
	text, bare string
	origin     int
}

var (
	leading  = regexp.MustCompile(`^((HTTPS|HTTP|WWW|KK|K K) )+`)
	business = regexp.MustCompile(`^.* (DBA|D B A|O A|T A) `)
	numbers  = regexp.MustCompile(`( [0-9]+)+$`)
	digit    = regexp.MustCompile(`[0-9]`)
)

var dayMonth = regexp.MustCompile(`^([0-9X]+|[0-9]{1,2}(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[0-9]*)$`)

// connectors stand between a bank's own words and the merchant's name.
var connectors = strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC TO AT FROM OF ON FOR VIA AN BEI VON VOM AM DU DE LE A CHEZ EN DEL EL DI DA DAL IL PRESSO VAN OP BIJ AAN NAAR CARD CARTE CARTA TARJETA KARTE NR NO REF DATE")

// posted takes the longest posting phrase off the front of words.
func (c *cascade) posted(words []string) (rest []string, found, fee bool) {
	for n := len(words); n > 0; n-- {
		if fee, ok := c.postings[strings.Join(words[:n], " ")]; ok {
			return words[n:], true, fee
		}
	}
	return nil, false, false
}

// without drops what says nothing from the front, but never the last word.
func without(words []string, says func(w string) bool) []string {
	for len(words) > 1 && says(words[0]) {
		words = words[1:]
	}
	return words
}

// starts are the places in a text where a name may begin: its front, and behind the bank's own words.
func (c *cascade) starts(key string) (starts []string, fee bool) {
	starts = []string{key}
	words := strings.Fields(key)
	for i := range words {
		if i > 0 && len(words)-i > 1 {
			fee = fee || c.postings[strings.Join(words[i:], " ")]
		}
	}
	rest, found, isFee := c.posted(words)
	if !found {
		return starts, fee
	}
	fee = fee || isFee
	undated := without(rest, func(w string) bool { return slices.Contains(connectors, w) || dayMonth.MatchString(w) })
	again, found, isFee := c.posted(undated)
	fee = fee || found && isFee
	short := strings.Fields("ON TO AT A EN DU DE")
	more := [][]string{rest, undated, again, without(again, func(w string) bool {
		return slices.Contains(short, w) || regexp.MustCompile(`^[0-9X]+$`).MatchString(w)
	})}
	for _, m := range more {
		if text := strings.Join(m, " "); text != "" && !slices.Contains(starts, text) {
			starts = append(starts, text)
		}
	}
	return starts, fee
}

func (c *cascade) texts(key string) (texts []spendText, fee bool) {
	starts, fee := c.starts(key)
	var parts []spendText
	for i, start := range starts {
		if i == 0 || !fee {
			parts = append(parts, spendText{text: start, origin: min(i, 1)})
		}
	}
	for _, start := range starts {
		longest := ""
		for _, p := range c.prefixes {
			if strings.HasPrefix(start, p+" ") && len(p) > len(longest) {
				longest = p
			}
		}
		if longest != "" {
			parts = append(parts, spendText{text: start[len(longest)+1:], origin: 1})
		}
	}
	if b := business.ReplaceAllString(key, ""); b != key {
		parts = append(parts, spendText{text: b, origin: 2})
	}
	var out []spendText
	for _, p := range parts {
		p.text = leading.ReplaceAllString(p.text, "")
		if slices.ContainsFunc(out, func(o spendText) bool { return o.text == p.text }) {
			continue
		}
		words := numbers.ReplaceAllString(p.text, "")
		p.bare = words
		for _, s := range c.suffixes {
			if b, ok := strings.CutSuffix(words, " "+s); ok && len(b) < len(p.bare) {
				p.bare = b
			}
		}
		out = append(out, p)
	}
	return out, fee
}

func (c *cascade) saysNothing(word string) bool {
	if c.trade[word] {
		return false
	}
	return c.neutral[word] || len([]rune(word)) <= 2 || digit.MatchString(word)
}

// accepts tells whether what stands behind a name leaves it meant.
func (c *cascade) accepts(n spendName, t spendText) bool {
	if t.text == n.key || t.bare == n.key {
		return true
	}
	rest := strings.TrimPrefix(t.text, n.key+" ")
	words := strings.Split(rest, " ")
	for _, w := range words {
		if c.trade[w] {
			return false
		}
	}
	for _, s := range c.suffixes {
		if rest == s || strings.HasPrefix(rest, s+" ") {
			return true
		}
	}
	if words[0] == "S" {
		return false
	}
	if !n.isOrdinary {
		return true
	}
	for i, w := range words {
		isCut := i > 0 && w == words[len(words)-1] && len([]rune(t.text)) >= 20 && c.neutralStarts[string([]rune(w)[:min(3, len([]rune(w)))])]
		if !c.saysNothing(w) && !strings.HasPrefix(n.key, w) && !isCut {
			return false
		}
	}
	return true
}

// match gives app, vendor and method.
func (c *cascade) match(text string) (app, vendor, method string) {
	key := spendrules.Normal(text)
	if key == "" {
		return "", "", ""
	}
	texts, fee := c.texts(key)
	for _, r := range c.rules {
		if r.Match == spendrules.Regex {
			if regexp.MustCompile("(?i)" + r.Pattern).MatchString(key) {
				return c.ruled(r)
			}
			continue
		}
		for _, t := range append([]spendText{{text: key}}, texts...) {
			p := spendrules.Normal(r.Pattern)
			if map[string]bool{"exact": t.text == p, "prefix": strings.HasPrefix(t.text, p), "contains": strings.Contains(t.text, p)}[r.Match] {
				return c.ruled(r)
			}
		}
	}
	if fee {
		return "", "", ""
	}
	type hit struct {
		spendName
		origin int
	}
	var hits []hit
	for _, n := range c.names {
		for _, t := range texts {
			fits := t.text == n.key || t.bare == n.key || n.isPrefix && strings.HasPrefix(t.text, n.key+" ")
			if fits && c.accepts(n, t) {
				hits = append(hits, hit{n, t.origin})
			}
			_, rest, _ := strings.Cut(t.text, " ")
			if t.origin == 0 && n.kind == "domain" && strings.Contains(n.key, " ") && !c.processors[n.app] &&
				strings.Contains(" "+rest+" ", " "+n.key+" ") {
				hits = append(hits, hit{n, 3})
			}
		}
	}
	if len(hits) > 0 {
		best := slices.MinFunc(hits, func(a, b hit) int {
			last := func(is bool) int {
				if is {
					return 1
				}
				return 0
			}
			return cmp.Or(last(a.origin == 3)-last(b.origin == 3), last(a.app == "")-last(b.app == ""), len([]rune(b.key))-len([]rune(a.key)),
				a.origin-b.origin, a.priority-b.priority, cmp.Compare(a.app, b.app), cmp.Compare(a.kind, b.kind), cmp.Compare(a.vendor, b.vendor))
		})
		switch {
		case best.app == "":
			return "", best.vendor, "vendor"
		case best.kind == "domain":
			return best.app, best.vendor, "domain"
		case best.key == key:
			return best.app, best.vendor, "exact_alias"
		}
		return best.app, best.vendor, "normalised_alias"
	}
	return c.likely(texts)
}

func (c *cascade) ruled(r spendrules.Rule) (app, vendor, method string) {
	if r.App != "" {
		slug := strings.ToLower(strings.ReplaceAll(spendrules.Normal(r.App), " ", "-"))
		if app = c.aliases[slug]; app == "" {
			app = slug
		}
	}
	return app, cmp.Or(r.Vendor, c.vendors[app], r.App), "rule"
}

func (c *cascade) likely(texts []spendText) (app, vendor, method string) {
	found := map[string]spendName{}
	for _, t := range texts {
		short := glue(t.bare)
		first, rest, more := strings.Cut(t.text, " ")
		quiet := true
		for _, w := range strings.Split(rest, " ") {
			quiet = quiet && c.saysNothing(w)
		}
		for _, n := range c.names {
			whole := glue(n.key)
			isCut := n.priority < 5 && len([]rune(short)) >= 8 && strings.HasPrefix(whole, short) && !strings.HasPrefix(n.key, t.bare+" ") &&
				(len([]rune(t.text)) >= 20 || t.origin == 1 && len([]rune(short)) >= 10)
			isSlip := !n.isOrdinary && (isOneSlip(short, whole) || more && quiet && isOneSlip(first, whole))
			if isCut || isSlip {
				found[cmp.Or(n.app, n.vendor)] = n
			}
		}
	}
	if len(found) != 1 {
		return "", "", ""
	}
	for _, n := range found {
		if n.app == "" {
			return "", n.vendor, "vendor"
		}
		return n.app, n.vendor, "fuzzy"
	}
	return "", "", ""
}

// isOneSlip tells whether a letter too many, missing, wrong, or two changed places make one word
// of the other: the classic table of distances, neighbours changing places included.
func isOneSlip(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if a == b || len(x) < 6 || len(y) < 6 || len(x) > 30 || len(y) > 30 || x[0] != y[0] || digit.MatchString(a) || digit.MatchString(b) || max(len(x)-len(y), len(y)-len(x)) > 1 {
		return false
	}
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
				continue
			case x[i-1] == y[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
			}
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)] == 1
}

// TestSpendCascadeAgreesWithBruteForce makes up texts of names, slips, cuts and what statements put around
// them, and compares the SQL's answers with the plain ones.
func TestSpendCascadeAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	rules := []spendrules.Rule{
		{Match: "regex", Pattern: `^acme [a-z]+$`, App: "Time Sheets"}, {Match: "prefix", Pattern: "SLACK T0", Vendor: "Mine"},
		{Match: "exact", Pattern: "zoom.us", App: "Slack"}, {Match: "contains", Pattern: "CAFE S", App: "new-tool", Vendor: "New"},
	}
	c := newCascade(t, rules)
	r := rand.New(rand.NewPCG(11, 17))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	texts := map[string]bool{}
	lines, err := statements.Lines()
	require.NoError(t, err)
	for _, l := range lines {
		texts[l.Text] = true
	}
	for len(texts) < len(lines)+1500 {
		name := []rune(c.names[r.IntN(len(c.names))].key)
		switch r.IntN(6) {
		case 0: // a slip
			i := r.IntN(len(name))
			switch r.IntN(4) {
			case 0:
				name = slices.Delete(slices.Clone(name), i, i+1)
			case 1:
				name = slices.Insert(slices.Clone(name), i, 'X')
			case 2:
				name[i] = 'Q'
			default:
				j := min(i+1, len(name)-1)
				name[i], name[j] = name[j], name[i]
			}
		case 1:
			name = name[:1+r.IntN(len(name))]
		case 2:
			name = []rune(glue(string(name)))
		}
		text := pick("", "", "", "SQ *", "PAYPAL *", "GOOGLE *", "https://www.", "Joe's dba ", "KK ", "ACME ") + string(name) +
			pick("", "", ", Inc.", " GmbH", " Ltd. Dublin", " CAFE", " Cafe S", " 888-123", " SAN FRANCISCO", "'s", " Hoagie", " T02AB", " plan figma.com", " of shopify.com", " SUBSCR", " OPERATIO", " s.r.o. 12")
		if r.IntN(5) == 0 {
			text = text[:min(len(text), 22)]
		}
		texts[strings.ToValidUTF8(text, "")] = true
	}
	w := newWorld(t)
	w.only("core.spend")
	w.config.Spend.Rules = rules
	w.connect("cards", "spend")
	var sorted []string
	for text := range texts {
		if strings.TrimSpace(text) != "" {
			sorted = append(sorted, text)
		}
	}
	slices.Sort(sorted)
	spendLines(w, "cards", sorted...)
	w.run("2026-03-31")
	dash := func(s string) string { return cmp.Or(s, "–") }
	methods := map[string]int{}
	for _, row := range w.rows("SELECT vendor_text, app_id, vendor, match_method FROM core.spend") {
		app, vendor, method := c.match(row[0])
		require.Equal(t, []string{row[0], dash(app), dash(vendor), dash(method)}, row)
		methods[method]++
	}
	for _, m := range []string{"", "rule", "exact_alias", "normalised_alias", "domain", "vendor", "fuzzy"} {
		require.Greater(t, methods[m], 5, fmt.Sprintf("texts by method %q: %v", m, methods))
	}
}
