package transform

import (
	"context"
)

// insertExempt fills params.exempt from the configuration's lists.
func (r *runner) insertExempt(ctx context.Context) error {
	lists, err := r.Config.ExemptEmails()
	if err != nil {
		return err
	}
	for app, emails := range lists {
		for _, email := range emails {
			if err := r.exec(ctx, "INSERT INTO params.exempt SELECT names.slug(CAST(? AS VARCHAR)), lower(trim(?))", app, email); err != nil {
				return err
			}
		}
	}
	return nil
}
