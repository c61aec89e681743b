package benchmark

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rightseat/rightseat/internal/atomicfile"
)

// ContributorFile is where a workspace keeps its number, below the workspace's folder.
const ContributorFile = "state/contributor-id"

// Contributor gives the workspace's contributor number: 32 hexadecimal digits, drawn once from
// random and kept. It says nothing about the organisation. Two calls at once give the same one.
func Contributor(workspace string, random io.Reader) (string, error) {
	path := filepath.Join(workspace, filepath.FromSlash(ContributorFile))
	if id, err := readContributor(path); !errors.Is(err, fs.ErrNotExist) {
		return id, err
	}
	var number [16]byte
	if random == nil {
		random = rand.Reader
	}
	if _, err := io.ReadFull(random, number[:]); err != nil {
		return "", fmt.Errorf("draw a contributor number: %w", err)
	}
	if err := atomicfile.MkdirAll(filepath.Dir(path)); err != nil {
		return "", err
	}
	err := atomicfile.CreateExclusive(path, []byte(hex.EncodeToString(number[:])+"\n"))
	if err != nil && !errors.Is(err, atomicfile.ErrExists) {
		return "", fmt.Errorf("keep the contributor number: %w", err)
	}
	return readContributor(path)
}

func readContributor(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the contributor number: %w", err)
	}
	id := strings.TrimSpace(string(data))
	if !contributorPattern.MatchString(id) {
		return "", fmt.Errorf("%s holds no contributor number (32 hexadecimal digits): restore it from a backup, or delete it to get a new one", path)
	}
	return id, nil
}
