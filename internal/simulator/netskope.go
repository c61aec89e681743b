package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/rightseat/rightseat/internal/atomicfile"
)

// netskopeAPI is Netskope's REST API v2. From the story's day on it refuses the token.
type netskopeAPI struct {
	base
	bookmarks *bookmarks
}

const (
	netskopeBatch     = 1000
	netskopeRetention = 90 // days
)

func (a *netskopeAPI) prefix() string          { return "/api/v2" }
func (a *netskopeAPI) open(*http.Request) bool { return false }

func (a *netskopeAPI) routes(rt router) {
	rt.handle("GET", "/api/v2/events/dataexport/events/application", a.iterate)
	rt.handle("GET", "/api/v2/events/data/application", a.find)
}

func (a *netskopeAPI) authorised(w http.ResponseWriter, r *http.Request) bool {
	token := orElse(r.Header.Get("Netskope-Api-Token"), bearer(r))
	switch {
	case token != a.Secret(Netskope, "api_token"):
		a.fault(w, http.StatusUnauthorized, "Unauthorized", "The API token is missing or invalid.")
	case dayOf(a.now()) >= a.netskopeUntil():
		a.fault(w, http.StatusForbidden, "Forbidden", "The API token expired on "+a.netskopeUntil().String()+".")
	default:
		w.Header().Set("ratelimit-limit", "4")
		w.Header().Set("ratelimit-remaining", "3")
		w.Header().Set("ratelimit-reset", "1")
		return true
	}
	return false
}

func (a *netskopeAPI) fail(w http.ResponseWriter, r *http.Request, status int) {
	switch status {
	case http.StatusTooManyRequests:
		w.Header().Set("ratelimit-limit", "4")
		w.Header().Set("ratelimit-remaining", "0")
		w.Header().Set("ratelimit-reset", "1")
		a.fault(w, status, "TooManyRequests", "Rate limit exceeded.")
	case http.StatusMethodNotAllowed:
		a.fault(w, status, "MethodNotAllowed", "Method not allowed.")
	default:
		a.fault(w, status, "NotFound", "No such endpoint: "+r.URL.Path)
	}
}

func (a *netskopeAPI) fault(w http.ResponseWriter, status int, code, message string) {
	a.send(w, status, map[string]any{"ok": 0, "status": status, "error_code": code, "message": message})
}

// iterate serves the export's iterator: the position is the server's, by index name. resend gives
// the last batch again, next goes on, an epoch starts from there. An index that is not known starts
// with the oldest event kept.
func (a *netskopeAPI) iterate(w http.ResponseWriter, r *http.Request) {
	q, now := r.URL.Query(), a.now()
	index, operation := q.Get("index"), q.Get("operation")
	if index == "" || operation == "" {
		a.fault(w, http.StatusBadRequest, "BadRequest", "index and operation are required.")
		return
	}
	oldest := max(dayOf(now)-netskopeRetention, a.start)
	mark, known := a.bookmarks.get(index)
	if !known {
		mark = bookmark{Day: int64(oldest)}
		mark.LastDay = mark.Day
	}
	switch epoch, err := strconv.ParseInt(operation, 10, 64); {
	case operation == "next":
	case operation == "resend":
		mark.Day, mark.Offset = mark.LastDay, mark.LastOffset
	case err == nil:
		mark.Day, mark.Offset = a.seek(time.Unix(epoch, 0))
	default:
		a.fault(w, http.StatusBadRequest, "BadRequest", "operation must be next, resend, head, tail or an epoch.")
		return
	}
	if day(mark.Day) < oldest {
		mark.Day, mark.Offset = int64(oldest), 0
	}
	mark.LastDay, mark.LastOffset = mark.Day, mark.Offset
	result, highest := []any{}, int64(0)
	for d := day(mark.Day); d <= dayOf(now); d++ {
		events := a.networkDay(d)
		if d != day(mark.Day) {
			mark.Day, mark.Offset = int64(d), 0
		}
		for int(mark.Offset) < len(events) && len(result) < netskopeBatch && !events[mark.Offset].inserted.After(now) {
			e := &events[mark.Offset]
			mark.Offset++
			highest = e.at.Unix()
			result = append(result, a.shape(e))
		}
		if len(result) == netskopeBatch {
			break
		}
	}
	if err := a.bookmarks.set(index, mark); err != nil {
		a.fault(w, http.StatusInternalServerError, "InternalError", err.Error())
		return
	}
	wait := 0
	if len(result) < netskopeBatch {
		wait = 30
	}
	a.send(w, http.StatusOK, map[string]any{"ok": 1, "result": result, "wait_time": wait, "timestamp_hwm": highest})
}

// seek finds the first event stored at or after an instant.
func (a *netskopeAPI) seek(t time.Time) (d, offset int64) {
	first := max(dayOf(t), a.start)
	events := a.networkDay(first)
	i := sort.Search(len(events), func(i int) bool { return !events[i].inserted.Before(t) })
	return int64(first), int64(i)
}

// find serves the search by insertion time or event time.
func (a *netskopeAPI) find(w http.ResponseWriter, r *http.Request) {
	q, now := r.URL.Query(), a.now()
	from, to, byInsertion := q.Get("insertionstarttime"), q.Get("insertionendtime"), true
	if from == "" {
		from, to, byInsertion = q.Get("starttime"), q.Get("endtime"), false
	}
	start, err1 := strconv.ParseInt(from, 10, 64)
	end, err2 := strconv.ParseInt(to, 10, 64)
	if err1 != nil || err2 != nil {
		a.fault(w, http.StatusBadRequest, "BadRequest", "starttime and endtime must be epochs in seconds.")
		return
	}
	limit := intParam(q, "limit", 1000, 1, 10000)
	skip := intParam(q, "offset", 0, 0, 1<<30)
	result := []any{}
	oldest := max(dayOf(now)-netskopeRetention, a.start)
	for d := max(dayOf(time.Unix(start, 0)), oldest); d <= min(dayOf(time.Unix(end, 0)), dayOf(now)) && len(result) < limit; d++ {
		events := a.networkDay(d)
		for i := range events {
			e := &events[i]
			t := e.at.Unix()
			if byInsertion {
				t = e.inserted.Unix()
			}
			if e.inserted.After(now) || t < start || t >= end || len(result) == limit {
				continue
			}
			if skip--; skip < 0 {
				result = append(result, a.shape(e))
			}
		}
	}
	a.send(w, http.StatusOK, map[string]any{"ok": 1, "result": result})
}

func (a *netskopeAPI) shape(e *netEvent) map[string]any {
	user := e.p.email(dayOf(e.at))
	var size, cci any = e.bytes, 70 + len(e.domain)
	switch e.odd {
	case 1:
		size, cci = strconv.FormatInt(e.bytes, 10), ""
	case 2:
		user = fmt.Sprintf("10.1.%d.%d", e.p.index%200, e.p.index%250)
	}
	return map[string]any{"_id": e.id, "timestamp": e.at.Unix(), "_insertion_epoch_timestamp": e.inserted.Unix(), "type": "nspolicy", "app": e.app,
		"appcategory": e.category, "category": e.category, "ccl": "medium", "cci": cci, "user": user, "userkey": user, "ur_normalized": user,
		"userip": "10.1.2.3", "srcip": "198.51.100.9", "site": e.app, "domain": e.domain, "url": e.domain + "/", "hostname": fmt.Sprintf("MPI-%04d", e.p.index),
		"device": "Mac Device", "os": "macOS", "browser": "Chrome", "access_method": "Client", "traffic_type": "CloudApp", "activity": "Browse",
		"instance_id": "", "organization_unit": "", "numbytes": size, "client_bytes": e.bytes / 3, "server_bytes": e.bytes - e.bytes/3, "count": 1,
		"conn_starttime": e.at.Unix(), "conn_endtime": e.at.Unix() + 20, "conn_duration": 20, "src_country": e.p.place.country,
		"transaction_id": e.session, "app_session_id": e.session - 1, "connection_id": e.session - 2, "request_id": e.session - 3}
}

// bookmarks are the iterators' positions by index name, kept in a file when there is one.
type bookmarks struct {
	file string
	mu   sync.Mutex
	m    map[string]bookmark
}

// bookmark is where an iterator stands and where its last batch began.
type bookmark struct {
	Day        int64 `json:"day"`
	Offset     int64 `json:"offset"`
	LastDay    int64 `json:"last_day"`
	LastOffset int64 `json:"last_offset"`
}

func openBookmarks(file string) (*bookmarks, error) {
	b := &bookmarks{file: file, m: map[string]bookmark{}}
	if file == "" {
		return b, nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &b.m)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the iterators' positions from %s: %w", file, err)
	}
	return b, nil
}

func (b *bookmarks) get(index string) (bookmark, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, ok := b.m[index]
	return m, ok
}

func (b *bookmarks) set(index string, m bookmark) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.m[index] == m {
		return nil
	}
	b.m[index] = m
	if b.file == "" {
		return nil
	}
	data, err := json.Marshal(b.m)
	if err == nil {
		err = atomicfile.WriteFile(b.file, data)
	}
	if err != nil {
		return fmt.Errorf("keeping the iterators' positions: %w", err)
	}
	return nil
}
