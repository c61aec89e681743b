package transform

import (
	"context"

	"github.com/rightseat/rightseat/internal/spendrules"
)

// createSpendNames prepares what statement texts are compared with. Every key is in the form of
// the feed's vendor_key: upper case, letters and digits, one blank between words. first_word is what the models join
// on, so that no text is compared with every name.
//
//	names.spend_aliases     alias_key, app_id (NULL: vendor only), vendor, kind (name, alias, domain, company, vendor),
//	                         is_prefix, is_ordinary, priority (1: the config's own), first_word
//	names.spend_rules       rule (smaller wins), match, pattern, app_id (NULL: vendor only), vendor: the user's own
//	names.payment_prefixes  prefix_key, first_word
//	names.posting_words     phrase_key, first_word, is_fee
//	names.payment_apps      app_id of catalogue apps that are processors, too
//	names.other_spend       place (text, category), word: of what is probably no software
//	names.software_vendors  vendor: of the catalogue and the configuration
//	names.legal_suffixes    suffix_key, first_word
//	names.statement_words   word, is_trade, is_neutral
func (r *runner) createSpendNames(ctx context.Context) error {
	if err := r.createSpendRules(ctx); err != nil {
		return err
	}
	return r.execAll(ctx,
		`CREATE TABLE names.payment_prefixes AS
SELECT DISTINCT prefix_key, split_part(prefix_key, ' ', 1) AS first_word
FROM (SELECT names.spaced(prefix) AS prefix_key FROM seeds.payment_prefixes) AS p WHERE prefix_key <> ''`,
		`CREATE TABLE names.posting_words AS
SELECT DISTINCT phrase_key, split_part(phrase_key, ' ', 1) AS first_word, kind = 'fee' AS is_fee
FROM (SELECT names.spaced(phrase) AS phrase_key, kind FROM seeds.posting_words) AS p WHERE phrase_key <> ''`,
		`CREATE TABLE names.payment_apps AS
SELECT DISTINCT a.app_id FROM seeds.apps AS a JOIN seeds.payment_prefixes AS p ON p.processor = a.app_name OR p.processor LIKE a.app_name || ' %'`,
		`CREATE TABLE names.legal_suffixes AS
SELECT DISTINCT suffix_key, split_part(suffix_key, ' ', 1) AS first_word
FROM (SELECT names.spaced(suffix) AS suffix_key FROM seeds.legal_suffixes) AS s
-- SPA is a company form in Italy and a trade elsewhere.
WHERE suffix_key <> '' AND suffix_key NOT IN (SELECT names.spaced(word) FROM seeds.statement_words WHERE kind = 'trade')`,
		`CREATE TABLE names.statement_words AS
SELECT word, max(kind = 'trade') AS is_trade, NOT max(kind = 'trade') AS is_neutral
FROM (
    SELECT names.spaced(word) AS word, kind FROM seeds.statement_words WHERE kind <> 'ordinary'
    UNION ALL SELECT suffix_key, 'company' FROM names.legal_suffixes WHERE suffix_key NOT LIKE '% %'
) AS w WHERE word <> '' GROUP BY word`,
		`CREATE TABLE names.other_spend AS
SELECT DISTINCT place, names.spaced(word) AS word FROM seeds.other_spend_words
UNION SELECT 'text', word FROM names.statement_words WHERE is_trade`,
		`CREATE TABLE names.software_vendors AS
SELECT vendor FROM seeds.apps UNION SELECT vendor FROM seeds.vendor_spend_aliases UNION SELECT vendor FROM params.apps WHERE vendor IS NOT NULL`,
		`CREATE TABLE names.spend_aliases AS
WITH companies AS (
    SELECT vendor, min(app_id) AS app_id FROM seeds.apps GROUP BY vendor HAVING count(*) = 1
),
named AS (
    SELECT names.spaced(n.name) AS alias_key, n.app_id, coalesce(p.vendor, s.vendor, n.app_id) AS vendor,
        CASE n.kind WHEN 'domain' THEN 'domain' WHEN 'spend_alias' THEN 'alias' ELSE 'name' END AS kind,
        n.kind IN ('spend_alias', 'domain') AS is_prefix, n.priority
    FROM names.all_names AS n LEFT JOIN seeds.apps AS s ON s.app_id = n.app_id LEFT JOIN params.apps AS p ON p.app_id = n.app_id
    -- What the list of vendors says is any of its apps is not the one that happens to be called so.
    WHERE n.priority = 1 OR n.kind = 'spend_alias' OR names.spaced(n.name) NOT IN (SELECT names.spaced(alias) FROM seeds.vendor_spend_aliases)
    UNION ALL
    SELECT names.spaced(alias), NULL, vendor, 'vendor', true, 3 FROM seeds.vendor_spend_aliases
    UNION ALL
    SELECT names.spaced(vendor), app_id, vendor, 'company', true, 4 FROM companies
),
-- Processors and banks drop blanks: NOTIONLABS, NEWRELIC COM.
glued AS (
    SELECT replace(alias_key, ' ', '') AS alias_key, app_id, vendor, kind, is_prefix, 5 AS priority
    FROM named WHERE alias_key LIKE '% %' AND length(replace(alias_key, ' ', '')) >= 7 AND priority > 1 AND kind <> 'domain'
)
SELECT DISTINCT a.alias_key, a.app_id, a.vendor, a.kind, a.is_prefix, a.priority, split_part(a.alias_key, ' ', 1) AS first_word,
    -- A single word that others, too, may have in their name: listed as such, or short and pronounceable.
    a.alias_key NOT LIKE '% %' AND (o.word IS NOT NULL OR length(a.alias_key) <= 5 AND regexp_matches(a.alias_key, '[AEIOUY]')) AS is_ordinary
FROM (SELECT * FROM named UNION ALL SELECT * FROM glued) AS a
LEFT JOIN (SELECT DISTINCT names.spaced(word) AS word FROM seeds.statement_words WHERE kind = 'ordinary') AS o ON o.word = a.alias_key
WHERE a.alias_key <> ''`,
	)
}

// createSpendRules makes names.spend_rules. An app is an id, name or alias; an unknown one becomes
// a new app, as everywhere.
func (r *runner) createSpendRules(ctx context.Context) error {
	if err := r.exec(ctx, "CREATE TABLE names.spend_rule_lines (rule BIGINT, match VARCHAR, pattern VARCHAR, vendor VARCHAR, app VARCHAR)"); err != nil {
		return err
	}
	for i, rule := range r.Config.Spend.Rules {
		pattern := "(?i)" + rule.Pattern
		if rule.Match != spendrules.Regex {
			pattern = rule.Pattern
		}
		if err := r.exec(ctx, "INSERT INTO names.spend_rule_lines VALUES (?, ?, ?, nullif(?, ''), nullif(?, ''))", i, rule.Match, pattern, rule.Vendor, rule.App); err != nil {
			return err
		}
	}
	return r.exec(ctx, `CREATE TABLE names.spend_rules AS
SELECT l.rule, l.match, CASE WHEN l.match = 'regex' THEN l.pattern ELSE names.spaced(l.pattern) END AS pattern,
    l.app_id, coalesce(l.vendor, p.vendor, s.vendor, l.app) AS vendor
FROM (
    SELECT r.*, coalesce(a.app_id, names.slug(r.app)) AS app_id
    FROM names.spend_rule_lines AS r LEFT JOIN names.app_aliases AS a ON a.app_key = names.slug(r.app)
) AS l LEFT JOIN params.apps AS p ON p.app_id = l.app_id LEFT JOIN seeds.apps AS s ON s.app_id = l.app_id`)
}
