// Package file is the connector for files: CSV, JSON lines, Parquet and XLSX of the kinds in
// package filekind, read into the raw lake.
//
// A connection has one stream, named after its kind. A file's rows and the word that it was
// read become visible together or not at all, its snapshots once the list they belong to is
// known to be whole. A file whose bytes were read before is not read again, unless the
// settings that shape its rows changed.
//
// A row's payload is a JSON object. Under the contract's column names it holds values in
// canonical form, each a JSON string: dates as YYYY-MM-DD, timestamps as RFC 3339 in UTC,
// decimals and integers as plain digits, booleans as true or false, enums as the contract
// spells them. Empty cells are left out. What the file has beyond the contract stays under
// its own header, typed as in the file; "_raw" holds, by contract column, the text of the
// cells whose canonical form differs from it. A CSV line that could not be taken apart
// is kept as {"_line": "…"}.
package file

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/lake"
)

// Connector is the name that connections give under `connector`.
const Connector = config.FileConnector

// Options are what a [Reader] works with. Connection, Config and Lake are required; the zero
// values of Clock, Log and Progress mean the system's clock, no log and no progress.
type Options struct {
	Connection config.Connection
	Config     *config.Config
	Lake       *lake.Store
	Clock      clock.Clock
	Log        *slog.Logger
	Progress   extract.Progress
}

// Reader reads the files of one connection. It is not safe for concurrent use.
type Reader struct {
	opts     Options
	settings settings
	zone     *time.Location
	// surveyRows bounds how many rows columns are judged by; 0: all.
	surveyRows int
}

var _ extract.Reader = (*Reader)(nil)

// New checks a connection's settings and gives its reader. No file is touched yet.
func New(o Options) (*Reader, error) {
	if o.Config == nil || o.Lake == nil {
		return nil, fmt.Errorf("connection %s: a file reader needs a configuration and a lake", o.Connection.Name)
	}
	s, err := parseSettings(o.Connection.Settings)
	if err != nil {
		return nil, fmt.Errorf("connection %s (%s line %d): settings: %w", o.Connection.Name, o.Config.File, o.Connection.Line, err)
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	zone := o.Config.Organisation.Timezone
	if zone == nil {
		zone = time.UTC
	}
	return &Reader{opts: o, settings: s, zone: zone}, nil
}

// Read brings every new or changed file of the connection into the lake, in the order of
// their names. A file that fails leaves nothing behind and does not keep the others from
// being read, but until it is read the stream is incomplete and its watermark stays.
// With a range in the request, all files of an events kind are read again and only rows
// of that range land.
func (r *Reader) Read(ctx context.Context, req extract.Request) ([]extract.StreamResult, error) {
	ranged := !req.From.IsZero() || !req.To.IsZero()
	if !r.wanted(req) || ranged && r.settings.kind.Shape != filekind.Events {
		return nil, nil
	}
	start := time.Now()
	res := r.result()
	rd := round{Reader: r, req: req, ranged: ranged, res: &res}
	err := rd.run(ctx)
	res.Took = time.Since(start)
	switch {
	case err == nil:
		res.State = extract.StreamComplete
	case rd.committed > 0:
		res.State = extract.StreamIncomplete
	default:
		res.State = extract.StreamFailed
	}
	if err != nil {
		res.Err = r.opts.Config.Secrets.Error(err)
		res.Error = res.Err.Error()
	}
	if !ranged {
		res.Lacks, res.Fix = r.lacks(rd.cursor.Files, rd.cursor.Held)
	}
	r.progress(res.Rows, res.Pages, true)
	return []extract.StreamResult{res}, nil
}

func (r *Reader) wanted(req extract.Request) bool {
	named := func(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }
	return named(req.Connections, r.opts.Connection.Name) && named(req.Streams, r.settings.kind.Name)
}

func (r *Reader) result() extract.StreamResult {
	return extract.StreamResult{
		Connection: r.opts.Connection.Name, Connector: Connector,
		Stream: r.settings.kind.Name, Kind: string(r.settings.kind.Shape),
	}
}

func (r *Reader) progress(rows, files int64, done bool) {
	if r.opts.Progress != nil {
		r.opts.Progress.Stream(r.opts.Connection.Name, r.settings.kind.Name, rows, files, done)
	}
}

// input is one file: its path for opening, and its name as the pattern's author would
// write it (slashes, relative to the config's folder when the pattern is).
type input struct{ path, name string }

// inputs lists the files that match the connection's pattern, sorted by name.
func (r *Reader) inputs() ([]input, error) {
	pattern := filepath.ToSlash(r.settings.path)
	base := ""
	if !filepath.IsAbs(r.settings.path) {
		base = r.opts.Config.Resolve(".")
	}
	names, err := expand(base, pattern)
	if err != nil {
		return nil, fmt.Errorf("path %s: %w", r.settings.path, err)
	}
	if len(names) == 0 {
		where := base
		if where == "" {
			where = "/"
		}
		return nil, fmt.Errorf("no file matches path %s (looked in %s); check settings.path, or put the file there", r.settings.path, where)
	}
	files := make([]input, len(names))
	for i, n := range names {
		files[i] = input{path: filepath.Join(base, filepath.FromSlash(n)), name: n}
	}
	return files, nil
}

// today is the current date in the organisation's time zone.
func (r *Reader) today() string { return r.opts.Clock.Now().In(r.zone).Format(time.DateOnly) }

// dayEnd is the instant up to which data of a day is complete: the day's end in the
// organisation's time zone, but never later than now.
func (r *Reader) dayEnd(date string) (time.Time, error) {
	d, err := time.ParseInLocation(time.DateOnly, date, r.zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("date %s: %w", date, err)
	}
	return r.notAfterNow(d.AddDate(0, 0, 1)), nil
}

func (r *Reader) notAfterNow(t time.Time) time.Time {
	if now := r.opts.Clock.Now(); t.After(now) {
		return now
	}
	return t.UTC()
}

// quoteShort quotes foreign text for a message, cut to a readable length.
func quoteShort(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", strings.ToValidUTF8(s, "\uFFFD"))
}
