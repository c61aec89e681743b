// Command rightseat finds the software seats that nobody uses.
package main

import (
	"os"

	"github.com/rightseat/rightseat/internal/cli"
)

func main() {
	ownFilesOnly()
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.LookupEnv))
}
