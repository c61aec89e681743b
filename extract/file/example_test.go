package file_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/file"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

// A connection of kind roster reads a semicolon-separated file with headers of its own. The
// row with a bad address is set aside, with its place; the rest loads.
func ExampleReader_Read() {
	dir, err := os.MkdirTemp("", "rightseat")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	csv := "E-mail;Licence\nann@acme.example;Pro\nnobody;Pro\n"
	if err := os.WriteFile(filepath.Join(dir, "miro-2026-11-01.csv"), []byte(csv), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	store := lake.Open(dir)
	reader, err := file.New(file.Options{
		Connection: config.Connection{Name: "miro", Connector: "file", App: "miro", Settings: map[string]any{
			"kind": "roster", "path": "miro-*.csv", "columns": map[string]any{"E-mail": "email", "Licence": "tier"},
		}},
		Config: &config.Config{File: filepath.Join(dir, "rightseat.yaml"), Organisation: config.Organisation{Timezone: time.UTC}},
		Lake:   store,
		Clock:  clock.NewSimulated(time.Date(2026, time.November, 2, 3, 0, 0, 0, time.UTC)),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	results, err := reader.Read(context.Background(), extract.Request{RunID: "example"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(results[0].State, results[0].Rows, "rows,", results[0].Issues, "set aside")

	stream, err := store.Stream("miro", "roster")
	if err != nil {
		fmt.Println(err)
		return
	}
	commit, err := stream.Last()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("snapshot of", commit.Snapshots[0].Date)
	fmt.Println(commit.Issues[0].Sample)
	// Output:
	// complete 2 rows, 1 set aside
	// snapshot of 2026-11-01
	// miro-2026-11-01.csv line 3, column E-mail: not an e-mail address: "nobody"
}

// A file whose header lacks a required column is refused, with the fix.
func ExampleReader_Check() {
	dir, err := os.MkdirTemp("", "rightseat")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.WriteFile(filepath.Join(dir, "exempt.csv"), []byte("E-mail\nann@acme.example\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	reader, err := file.New(file.Options{
		Connection: config.Connection{Name: "vips", Connector: "file", Settings: map[string]any{"kind": "exempt", "path": "exempt.csv"}},
		Config:     &config.Config{File: filepath.Join(dir, "rightseat.yaml")},
		Lake:       lake.Open(dir),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	results, err := reader.Check(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(results[0].Error)
	// Output:
	// file exempt.csv: required column email is missing; the headers found are "E-mail"; if "E-mail" is email, set columns: {"E-mail": email}
}
