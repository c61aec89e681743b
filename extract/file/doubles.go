package file

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/filekind"
)

// Two connections that read one file make two lists, or two feeds, of it, and everything in it counts twice. That is a
// mistake of the configuration. Files that are equal byte by byte may be one by mistake, too, but nobody knows: that is told.

// Doubled is what one connection has to say of a file that another one's is equal to.
type Doubled struct {
	Connection, Stream string
	Finding            extract.Finding
}

// ofConnection is a file of a connection.
type ofConnection struct {
	input
	connection, stream string
	info               os.FileInfo
}

// Doubles looks for files that two connections of a kind read. The error names one that is the same, by whatever name or
// link; what is only equal is told.
func Doubles(ctx context.Context, cfg *config.Config) ([]Doubled, error) {
	bySize := map[string][]ofConnection{}
	for _, c := range cfg.Connections {
		if c.Connector != Connector || c.DisconnectedOn != "" {
			continue
		}
		s, err := parseSettings(c.Settings)
		if err != nil {
			continue // reading the connection tells it
		}
		files, err := (&Reader{opts: Options{Connection: c, Config: cfg}, settings: s}).inputs()
		if err != nil {
			continue
		}
		for _, f := range files {
			if info, err := os.Stat(f.path); err == nil && info.Size() > 0 {
				key := fmt.Sprint(whatItIs(c, s), info.Size())
				bySize[key] = append(bySize[key], ofConnection{f, c.Name, s.kind.Name, info})
			}
		}
	}
	var told []Doubled
	for _, files := range bySize {
		more, err := doubled(ctx, files)
		if err != nil {
			return nil, err
		}
		told = append(told, more...)
	}
	slices.SortFunc(told, func(a, b Doubled) int {
		return strings.Compare(a.Connection+a.Finding.Sample, b.Connection+b.Finding.Sample)
	})
	return told, nil
}

// whatItIs tells connections apart that may well read one file: for other apps, from other sheets, or other rows of it.
func whatItIs(c config.Connection, s settings) string {
	key := fmt.Sprintf("%s\x00%s\x00%v\x00%v", s.kind.Name, s.sheet, c.Settings["leave_out"], s.constants)
	if app, ok := s.kind.Column("app"); ok && app.Fallback == filekind.Connection {
		key += "\x00" + c.App + "\x00" + c.Instance
	}
	return key + "\x00"
}

// doubled compares files of one size.
func doubled(ctx context.Context, files []ofConnection) (told []Doubled, err error) {
	if !slices.ContainsFunc(files, func(f ofConnection) bool { return f.connection != files[0].connection }) {
		return nil, nil
	}
	byHash := map[string][]ofConnection{}
	for _, f := range files {
		fp, err := scan(ctx, f.path, 0)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || utf8.Valid(fp.head) && bytes.Count(bytes.TrimSpace(fp.head), []byte("\n")) == 0 {
			continue // reading it tells that; or a header without rows
		}
		alike := byHash[fp.sha256]
		byHash[fp.sha256] = append(alike, f)
		alike = slices.DeleteFunc(slices.Clone(alike), func(o ofConnection) bool { return o.connection == f.connection })
		for _, other := range alike {
			if os.SameFile(other.info, f.info) {
				return nil, fmt.Errorf("connections %s and %s both read the file %s as kind %s, so everything in it would count twice; let only one of them match it by settings.path",
					other.connection, f.connection, filepath.ToSlash(f.name), f.stream)
			}
		}
		if len(alike) > 0 {
			told = append(told, Doubled{f.connection, f.stream, extract.Finding{Check: "equal_files", Severity: severityWarning, Count: 1, Sample: fmt.Sprintf(
				"%s: is equal, byte by byte, to %s of connection %s, and both count; if it is the same file, remove one of them and type: rightseat forget %s, then: rightseat run",
				f.name, alike[0].name, alike[0].connection, f.connection)}})
		}
	}
	return told, nil
}
