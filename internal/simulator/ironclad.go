package simulator

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
	"time"
)

// ironcladAPI is Ironclad's public API with its token endpoint.
type ironcladAPI struct {
	base
	tokens *tokens
}

func (a *ironcladAPI) prefix() string            { return "/public/api/v1" }
func (a *ironcladAPI) open(r *http.Request) bool { return r.URL.Path == "/oauth/token" }

func (a *ironcladAPI) routes(rt router) {
	rt.handle("POST", "/oauth/token", a.token)
	rt.handle("GET", "/public/api/v1/records", a.records)
	rt.handle("GET", "/public/api/v1/records/{id}", a.record)
}

// IroncladUser is the user on whose behalf records may be read.
func (o *Org) IroncladUser() string { return o.story.owner.email(o.end) }

func (a *ironcladAPI) authorised(w http.ResponseWriter, r *http.Request) bool {
	if !a.tokens.good(r, a.now()) {
		a.fault(w, http.StatusUnauthorized, "UNAUTHORIZED", "The access token is invalid or has expired.")
		return false
	}
	if r.Header.Get("x-as-user-email") != a.IroncladUser() && r.Header.Get("x-as-user-id") == "" {
		a.fault(w, http.StatusBadRequest, "MISSING_PARAM", "x-as-user-email or x-as-user-id must name a user of the company.")
		return false
	}
	return true
}

func (a *ironcladAPI) fail(w http.ResponseWriter, r *http.Request, status int) {
	switch status {
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "2")
		a.fault(w, status, "RATE_LIMITED", "Too many requests.")
	case http.StatusMethodNotAllowed:
		a.fault(w, status, "METHOD_NOT_ALLOWED", "Method not allowed.")
	default:
		a.fault(w, status, "NOT_FOUND", "Not found: "+r.URL.Path)
	}
}

func (a *ironcladAPI) fault(w http.ResponseWriter, status int, code, message string) {
	a.send(w, status, map[string]string{"code": code, "message": message})
}

func (a *ironcladAPI) token(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.PostFormValue("grant_type") != "client_credentials":
		a.send(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type", "error_description": "grant_type must be client_credentials"})
	case !a.client(r):
		a.send(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client", "error_description": "Client authentication failed"})
	default:
		a.send(w, http.StatusOK, map[string]any{"access_token": a.tokens.issue(a.now(), time.Hour), "token_type": "Bearer", "expires_in": 3600,
			"scope": "public.records.readRecords"})
	}
}

// visible lists the records by agreement date, as Ironclad sorts by default.
func (a *ironcladAPI) visible() []contract {
	list := a.contractsAt(inIronclad, dayOf(a.now()))
	sort.SliceStable(list, func(i, j int) bool { return list[i].signed < list[j].signed })
	return list
}

func (a *ironcladAPI) records(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	size, page := intParam(q, "pageSize", 20, 1, 100), intParam(q, "page", 0, 0, 1<<20)
	since, given := parseTime(q.Get("lastUpdated"))
	types := map[string]bool{}
	for t := range strings.SplitSeq(q.Get("types"), ",") {
		if t != "" {
			types[t] = true
		}
	}
	var list []contract
	for _, c := range a.visible() {
		if (!given || !a.updated(c).Before(since)) && (len(types) == 0 || types[c.kind()]) {
			list = append(list, c)
		}
	}
	switch q.Get("sortField") {
	case "lastUpdated":
		sort.SliceStable(list, func(i, j int) bool { return a.updated(list[i]).Before(a.updated(list[j])) })
	case "name":
		sort.SliceStable(list, func(i, j int) bool { return list[i].product < list[j].product })
	}
	if q.Get("sortDirection") == "DESC" {
		for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
			list[i], list[j] = list[j], list[i]
		}
	}
	from, to := window(page*size, size, len(list))
	out := make([]any, 0, to-from)
	for _, c := range list[from:to] {
		out = append(out, a.shape(r, c))
	}
	a.send(w, http.StatusOK, map[string]any{"page": page, "pageSize": size, "count": len(list), "list": out})
}

func (a *ironcladAPI) record(w http.ResponseWriter, r *http.Request) {
	for _, c := range a.visible() {
		if id := r.PathValue("id"); id == c.contractID || id == ironcladID(c) {
			a.send(w, http.StatusOK, a.shape(r, c))
			return
		}
	}
	a.fail(w, r, http.StatusNotFound)
}

func (c contract) kind() string { return orElse(c.recordType, "softwareAgreement") }

func ironcladID(c contract) string { return fmt.Sprintf("IC-%d", 100+c.index) }

// updated is when a record was last touched: three days after it was signed.
func (a *ironcladAPI) updated(c contract) time.Time {
	return minTime((c.signed + 3).at(15*3600), a.now())
}

func (a *ironcladAPI) shape(r *http.Request, c contract) map[string]any {
	d := dayOf(a.now())
	type prop map[string]any
	properties := map[string]any{
		"counterpartyName": prop{"type": "string", "value": c.vendor},
		"agreementDate":    prop{"type": "date", "value": isoMillis(c.signed.at(0))},
		"effectiveDate":    prop{"type": "date", "value": isoMillis(c.start.at(0))},
		"expirationDate":   prop{"type": "date", "value": isoMillis(c.end.at(0))},
		"renewalType":      prop{"type": "string", "value": map[bool]string{true: "auto-renew", false: "none"}[c.autoRenew]},
		"noticePeriod":     prop{"type": "duration", "value": fmt.Sprintf("P%dD", c.noticeDays)},
		"contractOwner":    prop{"type": "email", "value": c.owner.email(d)},
		"unitPrice":        prop{"type": "monetary_amount", "value": map[string]any{"amount": c.unitPrice, "currency": c.currency}},
		"billingPeriod":    prop{"type": "string", "value": map[string]string{"month": "monthly", "quarter": "quarterly", "year": "annually", "term": "upfront"}[c.period]},
		"contractValue":    prop{"type": "monetary_amount", "value": map[string]any{"amount": c.total(), "currency": c.currency}},
	}
	if c.userLicence {
		properties["seats"] = prop{"type": "number", "value": c.licences}
		properties["productName"] = prop{"type": "string", "value": c.product}
	}
	if c.tier != "" {
		properties["tier"] = prop{"type": "string", "value": c.tier}
	}
	status, detail := "active", "active"
	switch {
	case d > c.end:
		status, detail = "inactive", "inactive"
	case c.autoRenew:
		detail = "auto-renewing"
	case c.end-d < 90:
		detail = "expiring"
	}
	return map[string]any{"id": c.contractID, "ironcladId": ironcladID(c), "type": c.kind(), "name": c.vendor + " – " + c.product, "lastUpdated": isoMillis(a.updated(c)),
		"properties": properties, "links": []any{}, "childIds": []string{}, "source": map[string]string{"type": "upload"},
		"attachments": map[string]any{"signedCopy": map[string]string{"filename": c.product + ".pdf", "contentType": "application/pdf",
			"href": "http://" + r.Host + "/public/api/v1/records/" + c.contractID + "/attachments/signedCopy"}},
		"contractStatus": map[string]any{"status": status, "enhancedStatus": detail, "remainingDuration": fmt.Sprintf("P%dD", max(0, int(c.end-d))),
			"eventDate": isoMillis(c.end.at(0)), "message": ""}}
}
