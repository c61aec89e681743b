package transform

import (
	"context"
	"fmt"

	"github.com/rightseat/rightseat/internal/duck"
)

// createVendors prepares what the vendors of contracts are compared with: by their words, without what says the form of a company
// (Adobe, Adobe Inc., ADOBE INC). A vendor that the spend lists know by other names has those here, too.
//
//	names.company_key(name)  the form in which they are compared
//	names.vendor_apps        company_key, app_id, for vendors with a single app and for names of apps
//	names.vendors            company_key, of every vendor in the catalogue and the configuration
func (r *runner) createVendors(ctx context.Context) error {
	var forms string
	err := r.each(ctx, `SELECT string_agg(form, '|' ORDER BY length(form) DESC, form)
FROM (SELECT DISTINCT names.word_key(suffix) AS form FROM seeds.legal_suffixes) AS s WHERE form IS NOT NULL`, func(scan func(...any) error) error {
		var text *string
		err := scan(&text)
		if text != nil {
			forms = *text
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("list the forms of companies: %w", err)
	}
	key := "names.word_key(name)"
	if forms != "" {
		// Words of letters and digits, so no pattern's signs.
		key = fmt.Sprintf("regexp_replace(names.word_key(name), %s, '')", duck.Literal("( ("+forms+"))+$"))
	}
	return r.execAll(ctx, "CREATE MACRO names.company_key(name) AS "+key,
		`CREATE TABLE names.vendors AS
SELECT DISTINCT company_key FROM (
    SELECT names.company_key(vendor) AS company_key FROM seeds.apps
    UNION ALL SELECT names.company_key(vendor) FROM params.apps
    UNION ALL SELECT names.company_key(alias) FROM seeds.vendor_spend_aliases
) AS v WHERE company_key IS NOT NULL`,
		`CREATE TABLE names.vendor_apps AS
SELECT company_key, min(app_id) AS app_id FROM (
    SELECT names.company_key(vendor) AS company_key, app_id FROM seeds.apps
    UNION SELECT names.company_key(v.alias), a.app_id FROM seeds.vendor_spend_aliases AS v JOIN seeds.apps AS a ON a.vendor = v.vendor
    UNION SELECT company_key, arg_min(app_id, (is_domain, priority, app_id))
    FROM (SELECT kind = 'domain' AS is_domain, priority, app_id, names.company_key(name) AS company_key FROM names.all_names WHERE kind IN ('id', 'name', 'alias', 'sso_name', 'domain')) AS n
    GROUP BY company_key
) AS v WHERE company_key IS NOT NULL GROUP BY company_key HAVING count(DISTINCT app_id) = 1`)
}
