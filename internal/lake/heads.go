package lake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/atomicfile"
)

// Heads says which commit of each stream, written connection/stream, is the newest. Kept outside the lake it tells, when a
// folder or the last commits are not there any more, that they were.
type Heads map[string]int64

// HeadsPath is where a workspace keeps them.
func HeadsPath(workspace string) string { return filepath.Join(workspace, "state", "lake.json") }

// ReadHeads reads what was noted; nothing where nothing was.
func ReadHeads(path string) (Heads, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what is known of the lake: %w", err)
	}
	var h Heads
	if err := json.Unmarshal(data, &h); err != nil {
		return nil, fmt.Errorf("%s is damaged; look whether lake/raw is whole, then remove the file: %w", path, err)
	}
	return h, nil
}

// Write notes the heads, if they are others than those noted.
func (h Heads) Write(path string) error {
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return fmt.Errorf("note what the lake holds: %w", err)
	}
	data = append(data, '\n')
	if have, err := os.ReadFile(path); err == nil && string(have) == string(data) {
		return nil
	}
	if err := atomicfile.MkdirAll(filepath.Dir(path)); err != nil {
		return fmt.Errorf("note what the lake holds: %w", err)
	}
	return atomicfile.WriteFile(path, data)
}

// Without leaves connections, or single streams, out.
func (h Heads) Without(gone ...string) Heads {
	out := Heads{}
	for name, n := range h {
		connection, _, _ := strings.Cut(name, "/")
		if !slices.Contains(gone, connection) && !slices.Contains(gone, name) {
			out[name] = n
		}
	}
	return out
}

// Lost lists what of a connection, or of connection/stream, was noted and has no folder any more. A link that leads nowhere is an
// error: what it leads to may come back.
func (s *Store) Lost(known Heads, what string) ([]string, error) {
	var lost []string
	for name := range known {
		if connection, stream, _ := strings.Cut(name, "/"); connection == what || name == what {
			dir := filepath.Join(s.root, connection, stream)
			if _, err := os.Stat(dir); err == nil {
				continue
			} else if !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("look at %s: %w", dir, err)
			}
			if err := notALink(dir); err != nil {
				return nil, err
			}
			lost = append(lost, name)
		}
	}
	slices.Sort(lost)
	return lost, nil
}

// Heads are those of the lake as it is. Streams without a commit have none.
func (s *Store) Heads() (Heads, error) {
	heads := Heads{}
	connections, err := s.Connections()
	if err != nil {
		return nil, err
	}
	for _, c := range connections {
		streams, err := s.Streams(c)
		if err != nil {
			return nil, err
		}
		for _, name := range streams {
			st, err := s.Stream(c, name)
			if err != nil {
				return nil, err
			}
			seqs, err := st.seqs()
			if err != nil {
				return nil, err
			}
			if len(seqs) > 0 {
				heads[c+"/"+name] = int64(len(seqs))
			}
		}
	}
	return heads, nil
}

// Check holds the lake to what was noted of it. The error is a [*MissingError].
func (s *Store) Check(known Heads) error {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c, stream, _ := strings.Cut(name, "/")
		st, err := s.Stream(c, stream)
		if err != nil {
			return err
		}
		seqs, err := st.seqs()
		if err != nil {
			return err
		}
		if have := int64(len(seqs)); have == 0 {
			return s.gone(c, stream)
		} else if have < known[name] {
			return st.missing(have+1, known[name])
		}
	}
	return nil
}

// gone names the topmost folder that is not there.
func (s *Store) gone(connection, stream string) error {
	e := &MissingError{Connection: connection}
	for _, dir := range []string{s.root, filepath.Join(s.root, connection), filepath.Join(s.root, connection, stream)} {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			e.What = fmt.Sprintf("the folder %s is gone, with what %s brought", dir, connection)
			e.Remedy = fmt.Sprintf("put it back from a backup; or, if it is right that it is gone and what it brought is to count no more, type: rightseat accept %s/%s "+
				"(`rightseat forget %s` gives up all of the connection)", connection, stream, connection)
			return e
		}
	}
	e.What = fmt.Sprintf("the commits of %s/%s are gone", connection, stream)
	return e
}
