package filekind

import (
	"maps"
	"slices"
)

// Vocabulary is a list of words that say one of a few things, in whatever language the source speaks. The seed
// list status_words.csv (currencies.csv for currencies) has the words; a connection adds its own by
// settings.words. A word that neither knows means nothing, and is asked for.
type Vocabulary struct {
	Name     string
	Meanings []string // what the words may mean; none: any code of three letters
}

// Vocabularies of the feeds' columns.
var (
	AccountStatus  = Vocabulary{"account_status", []string{"active", "invited", "suspended", "deactivated"}}
	ContractStatus = Vocabulary{"contract_status", []string{
		"active", "draft", "in_review", "pending_signature", "declined", "void",
		"cancelled", "terminated", "expired", "closed", "superseded", "not_renewed",
	}}
	EmploymentStatus = Vocabulary{"employment_status", []string{"employed", "left"}}
	AssignmentStatus = Vocabulary{"assignment_status", []string{"assigned", "not_assigned"}}
	Outcome          = Vocabulary{"outcome", []string{"SUCCESS", "FAILURE"}}
	SignInKind       = Vocabulary{"sign_in_kind", []string{"managed", "social"}}
	BillingPeriod    = Vocabulary{"billing_period", []string{"month", "quarter", "year", "term"}}
	SpendType        = Vocabulary{"spend_type", []string{"expense", "invoice"}}
	AssignedVia      = Vocabulary{"assigned_via", []string{"direct", "group"}}
	YesNo            = Vocabulary{"yes_no", []string{"yes", "no"}}
	Currency         = Vocabulary{"currency", nil}
)

// wordColumns says which vocabularies the words of a column belong to, by the names that settings.words uses: the
// columns' names in files, whatever the connector.
var wordColumns = map[string][]Vocabulary{
	"status": {AccountStatus, ContractStatus, EmploymentStatus, AssignmentStatus}, "outcome": {Outcome}, "kind": {SignInKind}, "billing_period": {BillingPeriod},
	"type": {SpendType}, "assigned_via": {AssignedVia}, "auto_renew": {YesNo}, "is_user_licence": {YesNo}, "currency": {Currency},
}

// WordColumns lists the columns that settings.words may speak of.
func WordColumns() []string { return slices.Sorted(maps.Keys(wordColumns)) }

// Vocabularies are those that the words of a column belong to.
func Vocabularies(column string) []Vocabulary { return wordColumns[column] }

// WordVocabularies are the vocabularies in which a word of a column may have the meaning; empty when in none.
func WordVocabularies(column, meaning string) []string {
	var names []string
	for _, v := range wordColumns[column] {
		if len(v.Meanings) == 0 && len(meaning) == 3 || slices.Contains(v.Meanings, meaning) {
			names = append(names, v.Name)
		}
	}
	return names
}

// Meanings are what the words of a column may mean, in documented order.
func Meanings(column string) []string {
	var all []string
	for _, v := range wordColumns[column] {
		for _, m := range v.Meanings {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	return all
}
