// Package sql holds every business rule, as plain SQL files, and the seeds they read.
package sql

import "embed"

// Files are the built-in feeds, staging models, core, metrics and report models, checks and seeds.
//
//go:embed checks core feeds metrics reports seeds staging
var Files embed.FS
