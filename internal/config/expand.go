package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// maxSecretFile bounds a file named by ${file:…}: a key is small, a mistaken path may not be.
const maxSecretFile = 1 << 20

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Ways to name a variable that other tools expand and this one does not. As a whole value
// nobody means them literally; inside a text only the spelling of an environment variable is told.
var (
	foreignReference = regexp.MustCompile(`^(?:\$([A-Za-z_][A-Za-z0-9_]*)|%([A-Za-z_][A-Za-z0-9_]*)%|\$\(.*\)|\{\{.*\}\})$`)
	innerReference   = regexp.MustCompile(`\$([A-Z][A-Z0-9_]{2,})`)
)

// foreign tells of a reference in another tool's notation, which would be sent to a vendor as it
// stands. Settings are also searched inside: an address with $HOST in it names no host. The value
// may be a secret after all, so only what is spelt like an environment variable is repeated.
func foreign(key, text string) error {
	name := ""
	if m := foreignReference.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
		if name = m[1] + m[2]; name == "" || name != strings.ToUpper(name) {
			name = "NAME"
		}
	} else if strings.Contains(key, ".settings") {
		if m := innerReference.FindStringSubmatch(text); m != nil {
			name = m[1]
		}
	}
	if name == "" {
		return nil
	}
	return fmt.Errorf("looks like a reference that is not expanded here; expected ${%s} for an environment variable or ${file:PATH} "+
		"(a value that really reads so goes into an environment variable or a file)", name)
}

// expander replaces references in text values and remembers what it put in.
type expander struct {
	dir      string
	getenv   func(string) (string, bool)
	lenient  bool
	expanded map[string][]string // key of the value to what was put into it
}

// expand replaces all references in one value. The error names each that can't be replaced.
func (x *expander) expand(key, text string) (string, error) {
	if err := foreign(key, text); err != nil {
		return "", err
	}
	var out strings.Builder
	var problems []string
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			out.WriteString(text)
			break
		}
		if i > 0 && text[i-1] == '$' { // $${ is a literal ${
			out.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		out.WriteString(text[:i])
		name, rest, closed := strings.Cut(text[i+2:], "}")
		if !closed {
			problems = append(problems, "${ without }; expected ${NAME} or ${file:PATH}, or $${ for a literal ${")
			break
		}
		value, err := x.reference(name)
		if err != nil {
			problems = append(problems, err.Error())
		}
		if value != "" {
			x.expanded[key] = append(x.expanded[key], value)
		}
		out.WriteString(value)
		text = rest
	}
	if problems != nil {
		return "", errors.New(strings.Join(problems, "; "))
	}
	return out.String(), nil
}

func (x *expander) reference(name string) (string, error) {
	if path, ok := strings.CutPrefix(name, "file:"); ok {
		value, err := x.file(path)
		if err != nil && x.lenient {
			return "", nil
		}
		return value, err
	}
	if !variableName.MatchString(name) {
		return "", fmt.Errorf("${%s} is no reference; expected ${NAME} or ${file:PATH}, or $${ for a literal ${", name)
	}
	value, ok := x.getenv(name)
	if !ok && !x.lenient {
		return "", fmt.Errorf("the environment variable %s is not set", name)
	}
	return value, nil
}

func (x *expander) file(path string) (string, error) {
	if path == "" {
		return "", errors.New("${file:} names no file")
	}
	full := path
	if !filepath.IsAbs(path) {
		full = filepath.Join(x.dir, path)
	}
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("there is no file %s", full)
	case err != nil:
		return "", fmt.Errorf("the file can't be read: %w", err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is not a regular file", full)
	case info.Size() > maxSecretFile:
		return "", fmt.Errorf("the file %s is larger than %d MiB", full, maxSecretFile>>20)
	}
	data, err := os.ReadFile(full)
	if err != nil {
		return "", fmt.Errorf("the file can't be read: %w", err)
	}
	text := strings.TrimSuffix(string(data), "\n")
	return strings.TrimSuffix(text, "\r"), nil
}
