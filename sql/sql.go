// Package sql holds every business rule, as plain SQL files, and the seeds they read.
package sql

import "embed"

// Files are the built-in feeds, macros, staging models, core, metrics and report models, checks and seeds, and, in
// people, the queries that list who or what stands behind a row of a report.
//
//go:embed checks core feeds macros metrics people reports seeds staging
var Files embed.FS
