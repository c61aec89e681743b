// Command landing measures how fast events come from a loopback server into the committed lake:
// rows and payload bytes per second, and the process's peak memory. With -write it writes the
// same events to a file of JSON lines instead, for other tools to be measured beside it.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/secret"
)

const pageSize = 1000

func main() {
	events := flag.Int("events", 1_000_000, "how many events to land")
	serve := flag.Bool("serve", false, "be the server, and print its address")
	write := flag.String("write", "", "write the events to this file as JSON lines and end")
	profile := flag.String("cpuprofile", "", "write a CPU profile to this file")
	flag.Parse()
	if err := run(*events, *serve, *write, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "landing:", err)
		os.Exit(1)
	}
}

func run(events int, serve bool, write, profile string) error {
	switch {
	case serve:
		return server(events)
	case write != "":
		return writeFile(events, write)
	}
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	return measure(events)
}

// appendEvent writes an event of about 2 kB in the shape of an identity provider's log.
func appendEvent(b []byte, n int) []byte {
	at := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * 4 * time.Second)
	person := n * 7919 % 20_000
	app := n * 104729 % 300
	b = append(b, `{"actor":{"id":"00u`...)
	b = strconv.AppendInt(b, int64(person), 36)
	b = append(b, `","type":"User","alternateId":"person`...)
	b = strconv.AppendInt(b, int64(person), 10)
	b = append(b, `@acme.example","displayName":"Person `...)
	b = strconv.AppendInt(b, int64(person), 10)
	b = append(b, `","detailEntry":null},"client":{"userAgent":{"rawUserAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36","os":"Mac OS X","browser":"CHROME"},"zone":"null","device":"Computer","id":null,"ipAddress":"198.51.100.`...)
	b = strconv.AppendInt(b, int64(n%250), 10)
	b = append(b, `","geographicalContext":{"city":"Berlin","state":"Land Berlin","country":"Germany","postalCode":"10115","geolocation":{"lat":52.5196,"lon":13.4069}}},"device":null,"authenticationContext":{"authenticationProvider":null,"credentialProvider":null,"credentialType":null,"issuer":null,"interface":null,"authenticationStep":0,"rootSessionId":"idx`...)
	b = strconv.AppendUint(b, uint64(n)*0x9e3779b97f4a7c15, 36)
	b = append(b, `","externalSessionId":"idx`...)
	b = strconv.AppendUint(b, uint64(n)*0xc2b2ae3d27d4eb4f, 36)
	b = append(b, `"},"displayMessage":"User single sign on to app","eventType":"user.authentication.sso","outcome":{"result":"SUCCESS","reason":null},"published":"`...)
	b = at.AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, `","securityContext":{"asNumber":3320,"asOrg":"deutsche telekom ag","isp":"deutsche telekom ag","domain":"t-ipconnect.de","isProxy":false},"severity":"INFO","debugContext":{"debugData":{"initiationType":"IDP_INITIATED","authnRequestId":"`...)
	b = strconv.AppendUint(b, uint64(n)*0x165667b19e3779f9, 16)
	b = append(b, `","requestId":"`...)
	b = strconv.AppendUint(b, uint64(n)*0x27d4eb2f165667c5, 16)
	b = append(b, `","dtHash":"`...)
	for i := range 4 {
		b = strconv.AppendUint(b, (uint64(n)+uint64(i))*0x9e3779b185ebca87, 16)
	}
	b = append(b, `","signOnMode":"SAML 2.0","requestUri":"/app/acme_app_1/exk1abcdefg/sso/saml","threatSuspected":"false","url":"/app/acme_app_1/exk1abcdefg/sso/saml?fromHome=true"}},"legacyEventType":"app.auth.sso","transaction":{"type":"WEB","id":"`...)
	b = strconv.AppendUint(b, uint64(n)*0x85ebca6b27d4eb2f, 36)
	b = append(b, `","detail":{}},"uuid":"`...)
	b = fmt.Appendf(b, "%08x-5d3f-11ef-9c1e-%012x", uint32(n)*2654435761, n)
	b = append(b, `","version":"0","request":{"ipChain":[{"ip":"198.51.100.7","geographicalContext":{"city":"Berlin","state":"Land Berlin","country":"Germany","postalCode":"10115","geolocation":{"lat":52.5196,"lon":13.4069}},"version":"V4","source":null}]},"target":[{"id":"0oa`...)
	b = strconv.AppendInt(b, int64(app), 36)
	b = append(b, `","type":"AppInstance","alternateId":"App `...)
	b = strconv.AppendInt(b, int64(app), 10)
	b = append(b, `","displayName":"App","detailEntry":{"signOnModeType":"SAML_2_0"}},{"id":"0ua`...)
	b = strconv.AppendUint(b, uint64(n)*0x94d049bb133111eb, 36)
	b = append(b, `","type":"AppUser","alternateId":"person`...)
	b = strconv.AppendInt(b, int64(person), 10)
	return append(b, `@acme.example","displayName":"Person","detailEntry":null}]}`...)
}

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

// measure starts the server as a process of its own, so that the figures are the extractor's.
func measure(events int) (err error) {
	cmd := exec.Command(os.Args[0], "-serve", "-events", strconv.Itoa(events))
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	}()
	base, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "landing-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began := time.Now()
	store := lake.Open(dir)
	report, err := newExtractor(store, strings.TrimSpace(base)).Run(context.Background(), extract.Request{RunID: "bench"})
	if err != nil {
		return err
	}
	if err := report.Streams[0].Err; err != nil {
		return err
	}
	took := time.Since(began)
	rows, size, err := verify(store)
	if err != nil {
		return err
	}
	if rows != events {
		return fmt.Errorf("%d rows in the lake instead of %d", rows, events)
	}
	fmt.Printf("events %d  seconds %.2f  events/s %.0f  parquet MB %.1f  peak RSS MB %s\n",
		rows, took.Seconds(), float64(rows)/took.Seconds(), float64(size)/1e6, peak())
	return nil
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

// verify counts the rows that the commits hold, and the bytes of their files.
func verify(store *lake.Store) (rows int, size int64, err error) {
	st, err := store.Stream("bench", "log")
	if err != nil {
		return 0, 0, err
	}
	commits, err := st.After(0)
	if err != nil {
		return 0, 0, err
	}
	for _, c := range commits {
		for _, f := range c.Files {
			rows += int(f.Rows)
			size += f.Bytes
		}
	}
	return rows, size, nil
}

// peak is the most memory this process has had at once, in MB, as Linux tells it.
func peak() string {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for line := range bytes.Lines(data) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			var kb int
			if _, err := fmt.Sscan(string(rest), &kb); err == nil {
				return strconv.Itoa(kb / 1024)
			}
		}
	}
	return "unknown"
}
