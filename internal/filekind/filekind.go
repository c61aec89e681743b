// Package filekind says which kinds of file the file connector reads and which columns each
// of them has. The tables are the public contract: the config checks `columns:` mappings
// against them, the file connector checks rows.
package filekind

import (
	"slices"
)

// Type is what a column's values must look like.
type Type string

// Types of columns. Values are checked as text; an empty cell of an optional column is always fine.
const (
	String    Type = "string"
	Email     Type = "email"     // one address
	Emails    Type = "emails"    // addresses with ; between them
	Date      Type = "date"      // a calendar date
	Timestamp Type = "timestamp" // a date and time; in the organisation's time zone where it names none
	Integer   Type = "integer"
	Decimal   Type = "decimal"
	Word      Type = "word" // a word of the column's vocabulary; SQL says what it means
)

// Shape is how files of a kind become rows of a stream.
type Shape string

const (
	// Snapshot: a file is the whole set on its snapshot date, true until the next one.
	Snapshot Shape = "snapshot"
	// State: the newest read of each file counts, and all files together.
	State Shape = "state"
	// Events: rows add up; a row that is read again is the same row.
	Events Shape = "events"
)

// Fallback is where a column's value comes from when the file does not have the column.
type Fallback string

const (
	// NoFallback: nowhere; a required column must be in the file.
	NoFallback Fallback = ""
	// FileDate: the date in the file's name, else the day the file was first read.
	FileDate Fallback = "file_date"
	// Connection: the key of the same name on the connection (app, instance).
	Connection Fallback = "connection"
)

// Column is one column of a kind.
type Column struct {
	Name string
	// Required columns must be in the file (unless Fallback says otherwise) and filled in each row.
	Required bool
	// MayBeEmpty: a row may leave the required column empty.
	MayBeEmpty bool
	Type       Type
	Values     []string // what a Word may mean
	Default    string   // what an empty or missing value means; empty: unknown
	Fallback   Fallback
}

// Kind is one kind of file.
type Kind struct {
	Name        string
	Description string
	Shape       Shape
	Columns     []Column
	// AnyOf lists sets of columns of which each row must fill at least one.
	AnyOf [][]string
	// Inputs are columns of which one of Columns is made: debit and credit in place of an amount, and direction, which says
	// of an amount without a sign where it went.
	Inputs []Column
	// ID names the column that identifies a row of an Events kind, when a row may have one.
	ID string
	// EventTime names the column that dates a row of an Events kind; empty for other shapes.
	EventTime string
}

// Column finds a column by its name.
func (k Kind) Column(name string) (Column, bool) {
	for _, c := range k.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// NoColumn says in a mapping that a header is none of the kind's columns, though it is called like one.
const NoColumn = "-"

// Maps tells whether a file's header can be mapped to the name: a column, an input or [NoColumn].
func (k Kind) Maps(name string) bool {
	_, ok := k.Column(name)
	return ok || name == NoColumn || slices.ContainsFunc(k.Inputs, func(c Column) bool { return c.Name == name })
}

// ColumnNames lists the columns' names in their documented order.
func (k Kind) ColumnNames() []string {
	names := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		names[i] = c.Name
	}
	return names
}

// Lookup finds a kind by its name.
func Lookup(name string) (Kind, bool) {
	for _, k := range kinds {
		if k.Name == name {
			return k.clone(), true
		}
	}
	return Kind{}, false
}

// All lists every kind in its documented order. The caller owns the result.
func All() []Kind {
	all := make([]Kind, len(kinds))
	for i, k := range kinds {
		all[i] = k.clone()
	}
	return all
}

// Names lists the kinds' names in their documented order.
func Names() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.Name
	}
	return names
}

func (k Kind) clone() Kind {
	k.Columns = slices.Clone(k.Columns)
	for i := range k.Columns {
		k.Columns[i].Values = slices.Clone(k.Columns[i].Values)
	}
	anyOf := make([][]string, len(k.AnyOf))
	for i, set := range k.AnyOf {
		anyOf[i] = slices.Clone(set)
	}
	k.AnyOf = anyOf
	k.Inputs = slices.Clone(k.Inputs)
	return k
}
