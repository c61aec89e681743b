package cli

import (
	"fmt"
	"strings"

	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/pipelines"
)

// printPerson prints who somebody is. CSV has one row per identifier and source.
func (a *app) printPerson(e *pipelines.PersonExplanation, format string) error {
	switch format {
	case table.FormatJSON:
		return a.json(e)
	case table.FormatCSV:
		columns := []table.Column{{Name: "person_id"}, {Name: "identifier"}, {Name: "evidence"}, {Name: "linked_by"}, {Name: "first_seen"}, {Name: "connection"}, {Name: "what"}, {Name: "first"}, {Name: "last"}}
		var rows [][]any
		for _, i := range e.Identifiers {
			seen := i.Sightings
			if len(seen) == 0 {
				seen = []pipelines.Sighting{{}}
			}
			for _, s := range seen {
				rows = append(rows, []any{e.PersonID, i.Identifier, i.Evidence, optionalText(i.LinkedBy), i.FirstSeen,
					optionalText(s.Connection), optionalText(s.What), optionalText(s.First), optionalText(s.Last)})
			}
		}
		return a.list(columns, rows, format)
	}
	var b strings.Builder
	line := liner(&b)
	line("%s, person_id %s, %s", orDash(e.Name), e.PersonID, employment(e))
	line("")
	line("Uses     %s", orDash(e.PrimaryEmail))
	line("Works as %s", orDash(strings.Join(nonEmpty(e.Title, e.Team, e.Department, e.Location, e.CostCentre), ", ")))
	line("Reports  %s", orDash(strings.Join(e.Managers, " → ")))
	line("")
	line("Identifiers: %d", len(e.Identifiers))
	for _, i := range e.Identifiers {
		line("  %-36s first seen %s: %s", i.Identifier, i.FirstSeen, i.Words)
		for _, s := range i.Sightings {
			line("      %s: %s, %s to %s, %d rows", s.Connection, s.What, s.First, s.Last, s.Rows)
		}
	}
	for _, part := range []struct {
		title string
		list  []pipelines.Holding
	}{{"Accounts", e.Accounts}, {"Assignments", e.Assignments}, {"Activity", e.Activity}} {
		line("")
		line("%s: %d", part.title, len(part.list))
		for _, h := range part.list {
			line("  %-24s %-16s %s  %s  %s", h.AppID, h.InstanceID, h.Date, h.Connection, h.Detail)
		}
	}
	line("")
	line("SQL      sql/core/person_identifiers.sql, sql/metrics/identity.sql, sql/metrics/hr_identity.sql")
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}

func employment(e *pipelines.PersonExplanation) string {
	switch {
	case e.Type != "employee":
		return e.Type
	case e.LeftOn != "":
		return "employee, left on " + e.LeftOn
	case e.IsEmployed != nil && !*e.IsEmployed:
		return "employee, no longer in HR"
	case e.StartDate != "":
		return "employee since " + e.StartDate
	}
	return "employee"
}

func nonEmpty(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}
