package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// expand gives the regular files below base that match a slash-separated pattern, sorted.
// Segments match as in path.Match; "**" matches any number of folders. Names of [leftover] files
// match only a segment that is written so too.
// A folder that is not there holds no files; one that can't be listed is an error.
func expand(base, pattern string) ([]string, error) {
	pattern = path.Clean(pattern)
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, fmt.Errorf("bad pattern: %w", err)
	}
	g := globber{base: base, found: map[string]bool{}}
	prefix := ""
	if strings.HasPrefix(pattern, "/") {
		prefix, pattern = "/", pattern[1:]
	} else if volume := filepath.VolumeName(pattern); volume != "" {
		prefix, pattern = volume+"/", strings.TrimPrefix(pattern[len(volume):], "/")
	}
	if err := g.walk(prefix, strings.Split(pattern, "/")); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(g.found))
	for n := range g.found {
		names = append(names, n)
	}
	slices.Sort(names)
	return names, nil
}

type globber struct {
	base  string
	found map[string]bool
}

func (g *globber) walk(dir string, segments []string) error {
	segment, rest := segments[0], segments[1:]
	switch {
	case segment == "**":
		return g.walkDeep(dir, rest)
	case !strings.ContainsAny(segment, `*?[\`):
		return g.enter(path.Join(dir, segment), rest)
	}
	entries, err := g.list(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ok, err := path.Match(segment, e.Name()); err != nil || !ok || leftover(e.Name()) && !leftover(segment) {
			continue
		}
		if err := g.enter(path.Join(dir, e.Name()), rest); err != nil {
			return err
		}
	}
	return nil
}

// walkDeep matches rest in dir and in every folder below it; links to folders are not followed.
func (g *globber) walkDeep(dir string, rest []string) error {
	if len(rest) == 0 {
		rest = []string{"*"}
	}
	if err := g.walk(dir, rest); err != nil {
		return err
	}
	entries, err := g.list(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() && !leftover(e.Name()) {
			if err := g.walkDeep(path.Join(dir, e.Name()), rest); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *globber) enter(name string, rest []string) error {
	info, err := os.Stat(g.onDisk(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(rest) > 0 && info.IsDir():
		return g.walk(name, rest)
	case len(rest) == 0 && info.Mode().IsRegular():
		g.found[name] = true
	}
	return nil
}

func (g *globber) list(dir string) ([]fs.DirEntry, error) {
	info, err := os.Stat(g.onDisk(dir))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return os.ReadDir(g.onDisk(dir))
}

func (g *globber) onDisk(name string) string {
	p := filepath.Join(g.base, filepath.FromSlash(name))
	if p == "" {
		return "."
	}
	return p
}

// leftover tells the names of what programs leave beside the files that people mean: hidden files, locks of
// Excel and LibreOffice, unfinished downloads, markers and checksums of Spark and Hadoop.
func leftover(name string) bool {
	for _, p := range []string{".", "~$", "_SUCCESS", "_committed_", "_started_", "__MACOSX"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	lower := strings.ToLower(name)
	for _, s := range []string{"~", ".crc", ".crdownload", ".part", ".partial", ".filepart", ".download", ".tmp", ".swp", ".opdownload", ".!ut"} {
		if strings.HasSuffix(lower, s) {
			return true
		}
	}
	return lower == "thumbs.db" || lower == "desktop.ini"
}
