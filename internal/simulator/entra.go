package simulator

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
	"time"
)

// TenantID is the Entra tenant's; its token endpoint is /{tenant}/oauth2/v2.0/token.
const TenantID = "5d3c1f0e-8a5b-4c8e-9a51-6d1f2b7e4c11"

const entraRetention = 30 // days of sign-ins

// entraAPI is Microsoft Graph with the token endpoint beside it.
type entraAPI struct {
	base
	tokens *tokens
}

func (a *entraAPI) prefix() string { return "/v1.0" }

func (a *entraAPI) open(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token")
}

func (a *entraAPI) routes(rt router) {
	rt.handle("POST", "/{tenant}/oauth2/v2.0/token", a.token)
	rt.handle("GET", "/v1.0/users", a.users)
	rt.handle("GET", "/v1.0/servicePrincipals", a.servicePrincipals)
	rt.handle("GET", "/v1.0/auditLogs/signIns", a.signInList)
}

func (a *entraAPI) authorised(w http.ResponseWriter, r *http.Request) bool {
	if a.tokens.good(r, a.now()) {
		return true
	}
	message := "Lifetime validation failed, the token is expired."
	if bearer(r) == "" {
		message = "Access token is empty."
	}
	a.fault(w, http.StatusUnauthorized, "InvalidAuthenticationToken", message)
	return false
}

func (a *entraAPI) fail(w http.ResponseWriter, r *http.Request, status int) {
	switch status {
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "3")
		a.fault(w, status, "TooManyRequests", "Too many requests. Please retry after the time in Retry-After.")
	case http.StatusMethodNotAllowed:
		a.fault(w, status, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
	default:
		a.fault(w, status, "BadRequest", "Resource not found for the segment '"+strings.TrimPrefix(r.URL.Path, "/v1.0/")+"'.")
	}
}

func (a *entraAPI) fault(w http.ResponseWriter, status int, code, message string) {
	a.send(w, status, map[string]any{"error": map[string]any{"code": code, "message": message, "innerError": map[string]any{
		"date": a.now().Format("2006-01-02T15:04:05"), "request-id": a.guid(80), "client-request-id": a.guid(81)}}})
}

func (a *entraAPI) token(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, code, description string, number int) {
		a.send(w, status, map[string]any{"error": code, "error_description": description, "error_codes": []int{number},
			"timestamp": a.now().Format("2006-01-02 15:04:05Z"), "trace_id": a.guid(82), "correlation_id": a.guid(83)})
	}
	switch {
	case r.PathValue("tenant") != TenantID:
		fail(http.StatusBadRequest, "invalid_request", "AADSTS90002: Tenant '"+r.PathValue("tenant")+"' not found.", 90002)
	case r.PostFormValue("grant_type") != "client_credentials":
		fail(http.StatusBadRequest, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.", 70003)
	case !a.client(r):
		fail(http.StatusUnauthorized, "invalid_client", "AADSTS7000215: Invalid client secret provided.", 7000215)
	case !strings.HasSuffix(r.PostFormValue("scope"), "/.default"):
		fail(http.StatusBadRequest, "invalid_scope", "AADSTS1002012: The provided value for scope is not valid.", 1002012)
	default:
		a.send(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
			"access_token": a.tokens.issue(a.now(), 3599*time.Second)})
	}
}

// page sends a list in OData's way. The skip token carries the offset and the instant at which the
// first page was asked for, so that what arrives meanwhile shifts nothing.
func (a *entraAPI) page(w http.ResponseWriter, r *http.Request, context string, at time.Time, offset, n, fallback, most int, element func(i int) any) {
	size := intParam(r.URL.Query(), "$top", fallback, 1, most)
	from, to := window(offset, size, n)
	values := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		values = append(values, element(i))
	}
	body := struct {
		Context string `json:"@odata.context"`
		Next    string `json:"@odata.nextLink,omitempty"`
		Value   []any  `json:"value"`
	}{Context: "http://" + r.Host + "/v1.0/$metadata#" + context, Value: values}
	if to < n {
		body.Next = link(r, "$skiptoken", encodeCursor(int64(to), at.UnixMilli()))
	}
	a.send(w, http.StatusOK, body)
}

// begin reads the filter and the skip token; ok false when it has answered with an error.
func (a *entraAPI) begin(w http.ResponseWriter, r *http.Request) (match predicate, at time.Time, offset int, ok bool) {
	q := r.URL.Query()
	at = a.now()
	if token := q.Get("$skiptoken"); token != "" {
		pos, good := decodeCursor(token, 2)
		if !good {
			a.fault(w, http.StatusBadRequest, "BadRequest", "Skip token is null.")
			return nil, at, 0, false
		}
		offset, at = int(pos[0]), time.UnixMilli(pos[1]).UTC()
	}
	if text := q.Get("$filter"); text != "" {
		var err error
		if match, err = parseFilter(text); err != nil {
			a.fault(w, http.StatusBadRequest, "BadRequest", "Invalid filter clause: "+err.Error())
			return nil, at, 0, false
		}
	}
	return match, at, offset, true
}

// selected keeps the fields named by $select; id always.
func selected(r *http.Request, all map[string]any, defaults ...string) map[string]any {
	names := defaults
	if s := r.URL.Query().Get("$select"); s != "" {
		names = strings.Split(s, ",")
	}
	out := map[string]any{"id": all["id"]}
	for _, n := range names {
		if v, ok := all[strings.TrimSpace(n)]; ok {
			out[strings.TrimSpace(n)] = v
		}
	}
	return out
}

func (a *entraAPI) users(w http.ResponseWriter, r *http.Request) {
	match, at, offset, ok := a.begin(w, r)
	if !ok {
		return
	}
	d := dayOf(at)
	var list []map[string]any
	for _, p := range a.people {
		if p.hire > d || p.kind == serviceAccount {
			continue
		}
		n, pos := p.name(d), p.pos(d)
		u := map[string]any{"id": p.entraID, "displayName": p.display(d), "givenName": n.first, "surname": n.last, "mail": n.email,
			"userPrincipalName": n.email, "otherMails": []string{}, "accountEnabled": p.employedOn(d), "userType": "Member", "jobTitle": orNil(pos.title),
			"department": departments[pos.dept].name, "companyName": CompanyName, "employeeId": nil, "employeeType": []string{"Employee", "Contractor", "", ""}[p.kind],
			"officeLocation": p.place.name, "preferredLanguage": nil, "mobilePhone": nil, "businessPhones": []string{},
			"createdDateTime": isoSeconds(p.hire.at(8 * 3600)), "employeeOrgData": map[string]any{"costCenter": departments[pos.dept].costCentre, "division": nil}}
		if p.kind == employee {
			u["employeeId"] = fmt.Sprint(p.bambooID)
		}
		if p.index%37 == 5 {
			u["mail"] = nil // null in some tenants' records: the UPN is all there is
		}
		if p.oldDomain {
			u["otherMails"] = []string{p.oldAddress()}
		}
		if match == nil || match(mapField(u)) {
			list = append(list, u)
		}
	}
	a.page(w, r, "users", at, offset, len(list), 100, 999, func(i int) any {
		return selected(r, list[i], "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage", "surname", "userPrincipalName")
	})
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func mapField(m map[string]any) func(string) (string, bool) {
	return func(path string) (string, bool) {
		switch v := m[path].(type) {
		case nil:
			return "", false
		case []string:
			return strings.Join(v, "\n"), true
		default:
			return fmt.Sprint(v), true
		}
	}
}

// servicePrincipals lists the enterprise apps and two of Microsoft's own.
func (a *entraAPI) servicePrincipals(w http.ResponseWriter, r *http.Request) {
	match, at, offset, ok := a.begin(w, r)
	if !ok {
		return
	}
	var list []map[string]any
	add := func(id, appID, name, owner, domain string, tags []string) {
		s := map[string]any{"id": id, "appId": appID, "displayName": name, "appDisplayName": name, "accountEnabled": true,
			"appOwnerOrganizationId": owner, "servicePrincipalType": "Application", "tags": tags, "homepage": "https://" + domain,
			"loginUrl": nil, "replyUrls": []string{"https://" + domain + "/sso"}, "preferredSingleSignOnMode": "saml", "appRoleAssignmentRequired": true,
			"appRoles": []any{}, "oauth2PermissionScopes": []any{}, "isDisabled": nil}
		if match == nil || match(mapField(s)) {
			list = append(list, s)
		}
	}
	for _, x := range a.entra {
		add(x.spID, x.id, x.label, TenantID, x.domain, []string{"WindowsAzureActiveDirectoryIntegratedApp", "HideApp"})
	}
	add(a.guid(84), "00000003-0000-0000-c000-000000000000", "Microsoft Graph", "f8cdef31-a31e-4b4a-93e4-5f571e91255a", "graph.microsoft.com", []string{})
	add(a.guid(85), "00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online", "f8cdef31-a31e-4b4a-93e4-5f571e91255a", "outlook.office.com", []string{})
	a.page(w, r, "servicePrincipals", at, offset, len(list), 100, 999, func(i int) any {
		return selected(r, list[i], "appId", "displayName", "appDisplayName", "accountEnabled", "appOwnerOrganizationId", "servicePrincipalType", "tags", "homepage",
			"loginUrl", "replyUrls", "preferredSingleSignOnMode", "appRoleAssignmentRequired", "appRoles", "oauth2PermissionScopes", "isDisabled")
	})
}

type entraSignIn struct {
	ID                string         `json:"id"`
	Created           string         `json:"createdDateTime"`
	UserID            string         `json:"userId"`
	UPN               string         `json:"userPrincipalName"`
	UserDisplayName   string         `json:"userDisplayName"`
	AppID             string         `json:"appId"`
	AppDisplayName    string         `json:"appDisplayName"`
	ResourceID        string         `json:"resourceId"`
	ResourceName      string         `json:"resourceDisplayName"`
	ClientAppUsed     string         `json:"clientAppUsed"`
	IPAddress         string         `json:"ipAddress"`
	IsInteractive     bool           `json:"isInteractive"`
	CorrelationID     string         `json:"correlationId"`
	ConditionalAccess string         `json:"conditionalAccessStatus"`
	Status            map[string]any `json:"status"`
	DeviceDetail      map[string]any `json:"deviceDetail"`
	Location          map[string]any `json:"location"`
	RiskState         string         `json:"riskState"`
}

// signInList lists sign-ins, newest first, as far as Graph shows them by now.
func (a *entraAPI) signInList(w http.ResponseWriter, r *http.Request) {
	match, at, offset, ok := a.begin(w, r)
	if !ok {
		return
	}
	oldest := at.AddDate(0, 0, -entraRetention)
	from, to := oldest, at
	if lower, upper, ok := createdRange(r.URL.Query().Get("$filter")); ok {
		from, to = maxTime(from, lower), minTime(to, upper)
	}
	var list []*signIn
	for d := max(dayOf(from), a.start); d <= dayOf(to); d++ {
		entries := a.signInDay(d)
		for i := range entries {
			s := &entries[i]
			if s.visible.After(at) || s.created.Before(oldest) || match != nil && !match(s.field) {
				continue
			}
			list = append(list, s)
		}
	}
	ascending := strings.EqualFold(r.URL.Query().Get("$orderby"), "createdDateTime asc") || r.URL.Query().Get("$orderby") == "createdDateTime"
	sort.SliceStable(list, func(i, j int) bool {
		if !ascending {
			i, j = j, i
		}
		return list[i].created.Before(list[j].created)
	})
	a.page(w, r, "auditLogs/signIns", at, offset, len(list), 1000, 1000, func(i int) any { return a.shapeSignIn(list[i]) })
}

func maxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// createdRange finds the bounds that the filter sets on createdDateTime, to look at no more
// days than needed; the filter itself decides. ok false where it may have other branches.
func createdRange(filter string) (from, to time.Time, ok bool) {
	if filter == "" || strings.Contains(filter, " or ") || strings.Contains(filter, "not") {
		return from, to, false
	}
	to = forever
	words := strings.Fields(strings.NewReplacer("(", " ", ")", " ").Replace(filter))
	for i := 0; i+2 < len(words); i++ {
		t, good := parseTime(words[i+2])
		if words[i] != "createdDateTime" || !good {
			continue
		}
		switch words[i+1] {
		case "ge", "gt":
			from = maxTime(from, t)
		case "le", "lt":
			to = minTime(to, t)
		}
	}
	return from, to, true
}

func (s *signIn) field(path string) (string, bool) {
	switch path {
	case "id":
		return s.id, true
	case "createdDateTime":
		return isoMillis(s.created), true
	case "appId":
		return s.app.id, true
	case "appDisplayName":
		return s.app.label, true
	case "userId":
		return s.p.entraID, true
	case "userPrincipalName":
		return s.p.email(dayOf(s.created)), true
	case "status/errorCode":
		if s.failed {
			return "50126", true
		}
		return "0", true
	case "isInteractive":
		return "true", true
	default:
		return "", false
	}
}

func (a *entraAPI) shapeSignIn(s *signIn) entraSignIn {
	d := dayOf(s.created)
	out := entraSignIn{ID: s.id, Created: s.created.Format("2006-01-02T15:04:05.0000000Z"), UserID: s.p.entraID, UPN: s.p.email(d), UserDisplayName: s.p.display(d),
		AppID: s.app.id, AppDisplayName: s.app.label, ResourceID: "00000003-0000-0000-c000-000000000000", ResourceName: "Microsoft Graph", ClientAppUsed: "Browser",
		IPAddress: fmt.Sprintf("203.0.113.%d", 1+s.p.index%250), IsInteractive: true, CorrelationID: s.id, ConditionalAccess: "notApplied", RiskState: "none",
		Status:       map[string]any{"errorCode": 0, "failureReason": "Other.", "additionalDetails": nil},
		DeviceDetail: map[string]any{"deviceId": "", "displayName": nil, "operatingSystem": "Windows10", "browser": "Edge 137.0", "isCompliant": nil, "isManaged": nil, "trustType": nil},
		Location: map[string]any{"city": s.p.place.city, "state": nil, "countryOrRegion": s.p.place.country,
			"geoCoordinates": map[string]any{"latitude": s.p.place.lat, "longitude": s.p.place.lon, "altitude": nil}}}
	if s.failed {
		out.ConditionalAccess = "failure"
		out.Status = map[string]any{"errorCode": 50126, "failureReason": "Error validating credentials due to invalid username or password.", "additionalDetails": nil}
	}
	return out
}
