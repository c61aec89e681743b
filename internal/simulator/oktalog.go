package simulator

import (
	"fmt"
	"net/http"
	"sort"
	"time"
)

const oktaRetention = 90 // days

// log answers GET /api/v1/logs. Without until it polls: entries come in the order in which
// they were stored, and there is always a next link. With until it is bounded: entries come
// by published, and the last page has no next link.
func (a *oktaAPI) log(w http.ResponseWriter, r *http.Request) {
	q, now := r.URL.Query(), a.now()
	match, ok := a.filtered(w, r)
	if !ok {
		return
	}
	if q.Get("since") != "" && q.Get("after") != "" && q.Get("until") == "" {
		a.fault(w, http.StatusBadRequest, "E0000001", "Api validation failed: since and after cannot be combined")
		return
	}
	until, bounded := parseTime(q.Get("until"))
	since, given := parseTime(q.Get("since"))
	if !given {
		since = now.AddDate(0, 0, -7)
		if bounded {
			since = until.AddDate(0, 0, -7)
		}
	}
	if since.Before(now.AddDate(0, 0, -180)) {
		a.fault(w, http.StatusBadRequest, "E0000053", "Invalid date. The date is beyond the retention period.")
		return
	}
	size := intParam(q, "limit", 100, 0, 1000)
	if bounded {
		a.boundedLog(w, r, since, until, size, match)
		return
	}
	a.polledLog(w, r, since, size, match)
}

// polledLog walks the log in stored order from the cursor (day, offset) or since.
func (a *oktaAPI) polledLog(w http.ResponseWriter, r *http.Request, since time.Time, size int, match predicate) {
	now := a.now()
	oldest := now.AddDate(0, 0, -oktaRetention)
	d, i := dayOf(since), 0
	if after := r.URL.Query().Get("after"); after != "" {
		pos, ok := decodeCursor(after, 2)
		if !ok {
			a.fault(w, http.StatusBadRequest, "E0000031", "Invalid search criteria: after")
			return
		}
		d, i, since = day(pos[0]), int(pos[1]), oldest
	}
	if first := max(dayOf(oldest), a.start); d < first {
		d, i = first, 0
	}
	var elements [][]byte
	for ; d <= dayOf(now); d, i = d+1, 0 {
		entries := a.logDay(d)
		for i < len(entries) && len(elements) < size && !entries[i].persisted.After(now) {
			e := &entries[i]
			i++
			if !e.published.Before(oldest) && !e.published.Before(since) && (match == nil || match(e.field)) {
				elements = append(elements, render(a.shapeLog(e)))
			}
		}
		if len(elements) == size || d == dayOf(now) {
			break
		}
	}
	w.Header().Add("Link", fmt.Sprintf(`<%s>; rel="self"`, link(r)))
	w.Header().Add("Link", fmt.Sprintf(`<%s>; rel="next"`, link(r, "since", "", "after", encodeCursor(int64(d), int64(i)))))
	a.sendArray(w, elements)
}

// boundedLog lists [since, until) by published.
func (a *oktaAPI) boundedLog(w http.ResponseWriter, r *http.Request, since, until time.Time, size int, match predicate) {
	now := a.now()
	if oldest := now.AddDate(0, 0, -oktaRetention); since.Before(oldest) {
		since = oldest
	}
	var list []*logEntry
	for d := max(dayOf(since), a.start); d <= min(dayOf(until), dayOf(now)); d++ {
		entries := a.logDay(d)
		for i := range entries {
			e := &entries[i]
			if e.persisted.After(now) || e.published.Before(since) || !e.published.Before(until) {
				continue
			}
			if match == nil || match(e.field) {
				list = append(list, e)
			}
		}
	}
	descending := r.URL.Query().Get("sortOrder") == "DESCENDING"
	sort.SliceStable(list, func(i, j int) bool {
		if descending {
			i, j = j, i
		}
		return list[i].published.Before(list[j].published)
	})
	if size == 0 {
		size = 100
	}
	a.page(w, r, len(list), size, 1000, func(i int) any { return a.shapeLog(list[i]) })
}

func (e *logEntry) field(path string) (string, bool) {
	switch path {
	case "eventType":
		return e.eventType, true
	case "uuid":
		return e.uuid, true
	case "published":
		return isoMillis(e.published), true
	case "outcome.result":
		return e.result(), true
	case "actor.id":
		return e.p.oktaID, true
	case "actor.alternateId":
		return e.p.email(dayOf(e.published)), true
	case "target.id":
		if e.app != nil {
			return e.app.id, true
		}
		return "", false
	default:
		return "", false
	}
}

func (e *logEntry) result() string {
	if e.failed {
		return "FAILURE"
	}
	return "SUCCESS"
}

// The shape of a LogEvent.
type oktaLog struct {
	UUID            string       `json:"uuid"`
	Published       string       `json:"published"`
	EventType       string       `json:"eventType"`
	LegacyEventType *string      `json:"legacyEventType"`
	Version         string       `json:"version"`
	Severity        string       `json:"severity"`
	DisplayMessage  string       `json:"displayMessage"`
	Actor           oktaActor    `json:"actor"`
	Client          oktaClient   `json:"client"`
	Outcome         oktaOutcome  `json:"outcome"`
	Target          []oktaTarget `json:"target"`
	AuthContext     oktaAuth     `json:"authenticationContext"`
	Transaction     oktaTx       `json:"transaction"`
	DebugContext    oktaDebug    `json:"debugContext"`
	Request         oktaRequest  `json:"request"`
	Security        oktaSecurity `json:"securityContext"`
}

type oktaActor struct {
	ID          string  `json:"id"`
	Type        string  `json:"type"`
	AlternateID string  `json:"alternateId"`
	DisplayName string  `json:"displayName"`
	DetailEntry *string `json:"detailEntry"`
}

type oktaClient struct {
	IPAddress string    `json:"ipAddress"`
	Device    string    `json:"device"`
	ID        *string   `json:"id"`
	Zone      string    `json:"zone"`
	UserAgent oktaAgent `json:"userAgent"`
	Geo       oktaGeo   `json:"geographicalContext"`
}

type oktaAgent struct {
	Raw     string `json:"rawUserAgent"`
	OS      string `json:"os"`
	Browser string `json:"browser"`
}

type oktaGeo struct {
	City        string             `json:"city"`
	State       *string            `json:"state"`
	Country     string             `json:"country"`
	PostalCode  any                `json:"postalCode"` // text, now and then a number
	Geolocation map[string]float64 `json:"geolocation"`
}

type oktaOutcome struct {
	Result string  `json:"result"`
	Reason *string `json:"reason"`
}

type oktaTarget struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	AlternateID string         `json:"alternateId"`
	DisplayName string         `json:"displayName"`
	DetailEntry map[string]any `json:"detailEntry"`
}

type oktaAuth struct {
	AuthenticationStep int     `json:"authenticationStep"`
	ExternalSessionID  string  `json:"externalSessionId"`
	Provider           *string `json:"authenticationProvider"`
	CredentialType     *string `json:"credentialType"`
}

type oktaTx struct {
	ID     string         `json:"id"`
	Type   string         `json:"type"`
	Detail map[string]any `json:"detail"`
}

type oktaDebug struct {
	DebugData map[string]string `json:"debugData"`
}

type oktaRequest struct {
	IPChain []oktaHop `json:"ipChain"`
}

type oktaHop struct {
	IP      string  `json:"ip"`
	Version string  `json:"version"`
	Source  *string `json:"source"`
	Geo     oktaGeo `json:"geographicalContext"`
}

type oktaSecurity struct {
	ASNumber *int    `json:"asNumber"`
	ASOrg    *string `json:"asOrg"`
	ISP      *string `json:"isp"`
	Domain   *string `json:"domain"`
	IsProxy  *bool   `json:"isProxy"`
}

var displayMessages = map[string]string{
	"user.authentication.sso":               "User single sign on to app",
	"user.session.start":                    "User login to Okta",
	"app.generic.unauth_app_access_attempt": "User attempted unauthorized access to app",
	"application.user_membership.add":       "Add user to application membership",
	"application.user_membership.remove":    "Remove user's application membership",
	"group.user_membership.add":             "Add user to group membership",
	"group.user_membership.remove":          "Remove user from group membership",
	"user.lifecycle.create":                 "Create okta user",
	"user.lifecycle.deactivate":             "Deactivate okta user",
}

var emptyDetail = map[string]any{}

func (a *oktaAPI) shapeLog(e *logEntry) oktaLog {
	d := dayOf(e.published)
	h := a.hash(drawLog, e.p.index, 5)
	ip := fmt.Sprintf("198.51.100.%d", 1+h%250)
	geo := oktaGeo{City: e.p.place.city, Country: e.p.place.country, PostalCode: fmt.Sprint(10000 + h%80000),
		Geolocation: map[string]float64{"lat": e.p.place.lat, "lon": e.p.place.lon}}
	if e.intPostal {
		geo.PostalCode = 10000 + h%80000
	}
	email, name := e.p.email(d), e.p.display(d)
	l := oktaLog{
		UUID: e.uuid, Published: isoMillis(e.published), EventType: e.eventType, Version: "0", Severity: "INFO", DisplayMessage: displayMessages[e.eventType],
		Actor: oktaActor{ID: e.p.oktaID, Type: "User", AlternateID: email, DisplayName: name},
		Client: oktaClient{IPAddress: ip, Device: "Computer", Zone: "null", Geo: geo, UserAgent: oktaAgent{
			Raw: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36", OS: "Mac OS X", Browser: "CHROME"}},
		Outcome:      oktaOutcome{Result: e.result()},
		AuthContext:  oktaAuth{ExternalSessionID: "102" + e.uuid[:13]},
		Transaction:  oktaTx{ID: e.uuid[9:23], Type: "WEB", Detail: emptyDetail},
		DebugContext: oktaDebug{DebugData: map[string]string{"requestId": e.uuid[:18], "requestUri": "/app/" + e.eventType, "url": "/app/" + e.eventType + "?"}},
		Request:      oktaRequest{IPChain: []oktaHop{{IP: ip, Version: "V4", Geo: geo}}},
	}
	if e.failed {
		l.Severity, l.Outcome.Reason = "WARN", ptr("INVALID_CREDENTIALS")
	}
	user := oktaTarget{ID: e.p.oktaID, Type: "User", AlternateID: email, DisplayName: name}
	switch {
	case e.app != nil:
		l.Target = []oktaTarget{
			{ID: e.app.id, Type: "AppInstance", AlternateID: e.app.label, DisplayName: e.app.name, DetailEntry: map[string]any{"signOnModeType": e.app.mode}},
			{ID: "0ua" + e.p.oktaID[3:], Type: "AppUser", AlternateID: email, DisplayName: name}}
	case e.group != nil:
		l.Target = []oktaTarget{user, {ID: e.group.id, Type: "UserGroup", AlternateID: "unknown", DisplayName: e.group.name}}
	case e.eventType != "user.session.start":
		l.Target = []oktaTarget{user}
	}
	if e.eventType != "user.authentication.sso" && e.eventType != "user.session.start" && !e.failed {
		l.Actor = oktaActor{ID: a.people[len(a.people)-4].oktaID, Type: "User", AlternateID: "svc-okta-sync@" + Domain, DisplayName: "Service svc-okta-sync"}
	}
	return l
}
