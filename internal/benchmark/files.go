package benchmark

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// Refused is a file that is not part of a pool, and why. The reason is a [*Problem] where the
// file's content is at fault.
type Refused struct {
	File   string
	Reason error
}

// ReadFiles reads contributions from files of strangers. One that breaks a rule is refused and
// the others go on. Files of one contributor are refused all of them, as nobody can say which is
// the right one; but a file that is the same byte for byte as another counts once, and is named
// in repeated. What comes back does not depend on the order of the files; contributions are
// ordered by contributor, refused files and repeated ones by name.
func ReadFiles(files []string, words *Vocabulary, today time.Time) (good []*Contribution, refused []Refused, repeated []string) {
	type read struct {
		file string
		sum  [sha256.Size]byte
		c    *Contribution
	}
	byContributor := map[string][]read{}
	names := slices.Clone(files)
	slices.Sort(names)
	for _, name := range names {
		data, err := readFile(name)
		if err == nil {
			var c *Contribution
			if c, err = Parse(data, words, today); err == nil {
				same := byContributor[c.Contributor]
				sum := sha256.Sum256(data)
				if slices.ContainsFunc(same, func(r read) bool { return r.sum == sum }) {
					repeated = append(repeated, name)
					continue
				}
				byContributor[c.Contributor] = append(same, read{name, sum, c})
				continue
			}
		}
		var place *fs.PathError
		if errors.As(err, &place) {
			err = place.Err // the file's name stands beside it
		}
		refused = append(refused, Refused{name, err})
	}
	for _, reads := range byContributor {
		if len(reads) == 1 {
			good = append(good, reads[0].c)
			continue
		}
		for i, r := range reads {
			var others []string
			for k, o := range reads {
				if k != i {
					others = append(others, o.file)
				}
			}
			refused = append(refused, Refused{r.file, fmt.Errorf("is of the same contributor as %s: leave out all but the right one", strings.Join(others, ", "))})
		}
	}
	slices.SortFunc(good, func(a, b *Contribution) int { return strings.Compare(a.Contributor, b.Contributor) })
	slices.SortFunc(refused, func(a, b Refused) int { return strings.Compare(a.File, b.File) })
	return good, refused, repeated
}

// readFile reads a regular file of at most [MaxBytes]; one byte more tells that there is more.
func readFile(name string) (_ []byte, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, MaxBytes+1))
}
