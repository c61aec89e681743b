package cli

import (
	"os"
	"path/filepath"
	"strings"
)

// program is how the person called rightseat, for commands that can be copied from a message.
// In a test it is the program's name.
func program() string {
	called := filepath.ToSlash(os.Args[0])
	name := strings.TrimSuffix(called[strings.LastIndex(called, "/")+1:], ".exe")
	if name != "rightseat" {
		return "rightseat"
	}
	return os.Args[0]
}
