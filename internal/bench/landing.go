package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/secret"
)

const pageSize = 1000

func page(b []byte, from, to int) []byte {
	b = append(b, '[')
	for n := from; n < to; n++ {
		if n > from {
			b = append(b, ',')
		}
		b = appendEvent(b, n)
	}
	return append(b, ']')
}

func writeFile(events int, path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	for n := range events {
		if _, err := w.Write(append(appendEvent(nil, n), '\n')); err != nil {
			return err
		}
	}
	return w.Flush()
}

func server(events int) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + l.Addr().String()
	fmt.Println(base)
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after, _ := strconv.Atoi(r.URL.Query().Get("after"))
		end := min(after+pageSize, events)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Link", fmt.Sprintf(`<%s/api/v1/logs?after=%d>; rel="next"`, base, end))
		body := page(make([]byte, 0, pageSize*2200), after, end)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // a client that went away is its own affair
	}))
}

// land pulls the events from a server in a process of its own, so that time and memory are the
// extractor's, and verifies what the commits hold.
func land(ctx context.Context, t task) (r result, err error) {
	cmd, base, err := startServer(t)
	if err != nil {
		return r, err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	}()
	dir := filepath.Join(t.Dir, "landed")
	if err := os.RemoveAll(dir); err != nil {
		return r, err
	}
	store := lake.Open(dir)
	began := time.Now()
	report, err := newExtractor(store, base).Run(ctx, extract.Request{RunID: "bench"})
	if err != nil {
		return r, err
	}
	r.Seconds = time.Since(began).Seconds()
	if err := report.Streams[0].Err; err != nil {
		return r, err
	}
	files, size, err := landed(store)
	if err != nil {
		return r, err
	}
	r.Peak = peak() // before DuckDB counts
	r.Bytes = size
	r.Rows, err = countParquet(ctx, files)
	return r, errors.Join(err, os.RemoveAll(dir))
}

func startServer(t task) (*exec.Cmd, string, error) {
	cmd, err := child(context.Background(), task{Part: "serve", Events: t.Events})
	if err != nil {
		return nil, "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	base, err := bufio.NewReader(out).ReadString('\n')
	return cmd, strings.TrimSpace(base), err
}

func newExtractor(store *lake.Store, base string) *extract.Extractor {
	m := &manifest.Manifest{
		Version: 1, Name: "bench", Settings: map[string]manifest.Setting{"base_url": {Required: true}}, Auth: []manifest.Auth{{Type: "token"}},
		Streams: []manifest.Stream{{
			Name: "log", Kind: "events", ID: manifest.PathList{"uuid"}, Time: "published",
			Fields:  map[string]string{"uuid": "string!", "published": "time!", "eventType": "string!", "actor.id": "string", "outcome.result": "string"},
			Request: manifest.Request{Path: "/api/v1/logs"}, Paging: manifest.Paging{Type: "link_header", Polling: true},
		}},
	}
	return &extract.Extractor{
		Config: &config.Config{Secrets: &secret.Redactor{}, Connections: []config.Connection{{
			Name: "bench", Connector: "bench", Settings: map[string]any{"base_url": base}, Auth: map[string]secret.Value{"token": secret.New("benchmark")},
		}}},
		Lake: store, Lookup: func(string) (*manifest.Manifest, error) { return m, nil },
	}
}

// landed lists the data files that the commits name, and the bytes of them all.
func landed(store *lake.Store) (files []string, size int64, err error) {
	st, err := store.Stream("bench", "log")
	if err != nil {
		return nil, 0, err
	}
	commits, err := st.After(0)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range commits {
		for _, f := range c.Files {
			files = append(files, st.Path(f))
			size += f.Bytes
		}
	}
	return files, size, nil
}

func countParquet(ctx context.Context, files []string) (rows int64, err error) {
	quoted := make([]string, len(files))
	for i, f := range files {
		quoted[i] = duck.Literal(f)
	}
	err = withDuck(ctx, "", func(db *database) error {
		rows, err = db.number(ctx, "SELECT count(DISTINCT record_id) FROM read_parquet(["+strings.Join(quoted, ", ")+"])")
		return err
	})
	return rows, err
}

// readJSON is what landing is held against: DuckDB turns the same bytes, in a local file, into
// Parquet.
func readJSON(ctx context.Context, t task) (r result, err error) {
	from, to := eventsFile(t), filepath.Join(t.Dir, "events.parquet")
	err = withDuck(ctx, "", func(db *database) error {
		began := time.Now()
		err := db.exec(ctx, "COPY (SELECT * FROM read_json("+duck.Literal(from)+", format = 'newline_delimited')) TO "+duck.Literal(to)+" (FORMAT parquet, COMPRESSION zstd)")
		if err != nil {
			return err
		}
		r.Seconds, r.Peak = time.Since(began).Seconds(), peak()
		r.Rows, err = db.number(ctx, "SELECT count(DISTINCT uuid) FROM read_parquet("+duck.Literal(to)+")")
		return err
	})
	if err != nil {
		return r, err
	}
	info, err := os.Stat(to)
	if err != nil {
		return r, err
	}
	r.Bytes = info.Size()
	return r, os.Remove(to)
}

func eventsFile(t task) string { return filepath.Join(t.Dir, fmt.Sprintf("events-%d.jsonl", t.Events)) }

// writeEvents writes the events as JSON lines.
func writeEvents(_ context.Context, t task) (result, error) {
	err := writeFile(t.Events, eventsFile(t))
	return result{Rows: int64(t.Events), Peak: peak()}, err
}
