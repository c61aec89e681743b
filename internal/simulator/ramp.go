package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"
)

// rampAPI is Ramp's developer API with its token endpoint.
type rampAPI struct {
	base
	tokens *tokens
}

func (a *rampAPI) prefix() string            { return "/developer/v1" }
func (a *rampAPI) open(r *http.Request) bool { return r.URL.Path == "/developer/v1/token" }

func (a *rampAPI) routes(rt router) {
	rt.handle("POST", "/developer/v1/token", a.token)
	rt.handle("GET", "/developer/v1/transactions", a.transactions)
	rt.handle("GET", "/developer/v1/transactions/{id}", a.transaction)
	rt.handle("POST", "/developer/v1/vendors/agreements", a.agreements)
	rt.handle("GET", "/developer/v1/vendors/agreements/{id}", a.agreement)
	rt.handle("GET", "/developer/v1/users", a.users)
	rt.handle("GET", "/developer/v1/departments", a.departmentList)
}

func (a *rampAPI) authorised(w http.ResponseWriter, r *http.Request) bool {
	if a.tokens.good(r, a.now()) {
		return true
	}
	a.fault(w, http.StatusUnauthorized, "DEVELOPER_7002", "The access token is invalid or has expired.")
	return false
}

func (a *rampAPI) fail(w http.ResponseWriter, r *http.Request, status int) {
	switch status {
	case http.StatusTooManyRequests:
		a.fault(w, status, "DEVELOPER_7003", "Rate limit exceeded.")
	case http.StatusMethodNotAllowed:
		a.fault(w, status, "DEVELOPER_7005", "Method not allowed.")
	default:
		a.fault(w, status, "DEVELOPER_7004", "Not found: "+r.URL.Path)
	}
}

func (a *rampAPI) fault(w http.ResponseWriter, status int, code, message string) {
	a.send(w, status, map[string]any{"error_v2": map[string]any{"error_code": code, "message": message, "notes": "", "additional_info": map[string]any{}}})
}

func (a *rampAPI) token(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.PostFormValue("grant_type") != "client_credentials":
		a.send(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
	case !a.client(r):
		a.send(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
	default:
		const life = 864000
		a.send(w, http.StatusOK, map[string]any{"access_token": a.tokens.issue(a.now(), life*time.Second), "token_type": "Bearer", "expires_in": life,
			"scope": r.PostFormValue("scope")})
	}
}

// page sends one page: the elements after the one whose id is start.
func (a *rampAPI) page(w http.ResponseWriter, r *http.Request, start string, size, n int, id func(i int) string, element func(i int) any) {
	from := 0
	if start != "" {
		for from < n && id(from) != start {
			from++
		}
		if from == n {
			a.fault(w, http.StatusBadRequest, "DEVELOPER_7001", "start is not the id of an element.")
			return
		}
		from++
	}
	to := min(from+size, n)
	data := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		data = append(data, element(i))
	}
	page := map[string]any{"next": nil}
	if to < n {
		page["next"] = link(r, "start", id(to-1), "page_size", fmt.Sprint(size))
	}
	a.send(w, http.StatusOK, map[string]any{"data": data, "page": page})
}

// transactions lists card transactions, newest first unless order_by_date_asc. Declined ones
// are hidden unless state=ALL or DECLINED.
func (a *rampAPI) transactions(w http.ResponseWriter, r *http.Request) {
	q, now := r.URL.Query(), a.now()
	from, _ := parseTime(q.Get("from_date")) // zero: from the beginning
	to, bounded := parseTime(q.Get("to_date"))
	if bounded && len(q.Get("to_date")) == len(time.DateOnly) {
		to = to.AddDate(0, 0, 1).Add(-time.Nanosecond)
	}
	for _, name := range []string{"from_date", "to_date"} {
		if _, ok := parseTime(q.Get(name)); q.Get(name) != "" && !ok {
			a.fault(w, http.StatusUnprocessableEntity, "DEVELOPER_7001", name+": not a valid datetime.")
			return
		}
	}
	state := q.Get("state")
	var list []*cardLine
	for i := range a.cards {
		c := &a.cards[i]
		s := c.state(now)
		switch {
		case c.at.After(now), c.at.Before(from), bounded && c.at.After(to):
		case state == "" && s == "DECLINED", state != "" && state != "ALL" && state != s:
		case q.Get("user_id") != "" && q.Get("user_id") != c.p.rampID:
		default:
			list = append(list, c)
		}
	}
	ascending := q.Get("order_by_date_asc") == "true"
	if !ascending {
		sort.SliceStable(list, func(i, j int) bool { return list[j].at.Before(list[i].at) })
	}
	a.page(w, r, q.Get("start"), intParam(q, "page_size", 20, 2, 100), len(list), func(i int) string { return list[i].id },
		func(i int) any { return a.shapeTransaction(list[i], now) })
}

func (a *rampAPI) transaction(w http.ResponseWriter, r *http.Request) {
	for i := range a.cards {
		if c := &a.cards[i]; c.id == r.PathValue("id") && !c.at.After(a.now()) {
			a.send(w, http.StatusOK, a.shapeTransaction(c, a.now()))
			return
		}
	}
	a.fail(w, r, http.StatusNotFound)
}

func departmentID(o *Org, d int) string { return o.guid(61, uint64(d)) }

func (a *rampAPI) shapeTransaction(c *cardLine, now time.Time) map[string]any {
	d := dayOf(c.at)
	dept := c.p.pos(d).dept
	name := c.name
	if strings.HasPrefix(c.merchant, "PAYPAL *") || strings.HasPrefix(c.merchant, "SQ *") {
		name = c.merchant // Ramp could not tell who is behind the processor
	}
	n := c.p.name(d)
	updated := c.at
	if c.state(now) == "CLEARED" {
		updated = c.at.Add(48 * time.Hour)
	}
	out := map[string]any{"id": c.id, "amount": json.Number(strconv.FormatFloat(c.amount(), 'f', 2, 64)), "currency_code": c.currency,
		"original_transaction_amount": map[string]any{"amount": c.cents, "currency_code": c.currency, "minor_unit_conversion_rate": 100},
		"user_transaction_time":       c.at.Format("2006-01-02T15:04:05+00:00"), "settlement_date": nil, "accounting_date": nil, "synced_at": nil,
		"updated_at": updated.Format("2006-01-02T15:04:05+00:00"), "merchant_id": a.guid(62, uint64(len(c.merchant))), "merchant_name": name, "merchant_descriptor": c.merchant,
		"merchant_category_code": c.mcc, "sk_category_id": 40, "sk_category_name": c.category, "card_id": a.guid(63, c.p.index),
		"card_holder": map[string]any{"first_name": n.first, "last_name": n.last, "user_id": c.p.rampID, "employee_id": fmt.Sprint(c.p.bambooID),
			"department_id": departmentID(a.Org, dept), "department_name": departments[dept].name, "location_id": nil, "location_name": c.p.place.name},
		"state": c.state(now), "memo": orNil(c.memo), "line_items": []any{}, "accounting_categories": []any{}, "accounting_field_selections": []any{},
		"limit_id": nil, "spend_program_id": nil, "entity_id": a.guid(64), "receipts": []any{}}
	if c.state(now) == "CLEARED" {
		out["settlement_date"] = isoSeconds(updated)
	}
	if c.wrongTyped {
		out["amount"] = "n/a"
	}
	return out
}

// agreements lists vendor agreements; its parameters come in the body, start also in the query
// since the next link carries it.
func (a *rampAPI) agreements(w http.ResponseWriter, r *http.Request) {
	var body struct {
		PageSize int    `json:"page_size"`
		Start    string `json:"start"`
		IsActive *bool  `json:"is_active"`
	}
	if r.ContentLength != 0 {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			a.fault(w, http.StatusUnprocessableEntity, "DEVELOPER_7001", "The body is not valid JSON.")
			return
		}
	}
	size := intParam(r.URL.Query(), "page_size", min(max(body.PageSize, 2), 100), 2, 100)
	d := dayOf(a.now())
	var list []contract
	for _, c := range a.contractsAt(inRamp, d) {
		if body.IsActive == nil || *body.IsActive == (c.end >= d) {
			list = append(list, c)
		}
	}
	a.page(w, r, orElse(r.URL.Query().Get("start"), body.Start), size, len(list), func(i int) string { return list[i].contractID },
		func(i int) any { return a.shapeAgreement(list[i]) })
}

func (a *rampAPI) shapeAgreement(c contract) map[string]any {
	now := a.now()
	left := int(c.end - dayOf(now))
	return map[string]any{"id": c.contractID, "name": c.product + " subscription", "start_date": c.start.String(), "end_date": c.end.String(),
		"last_date_to_terminate": (c.end - day(c.noticeDays)).String(), "auto_renewal": c.autoRenew, "renewal_status": "NOT_STARTED", "is_up_for_renewal": left < 90,
		"currency": c.currency, "total_value": c.total(), "payee_id": a.guid(65, c.index), "payee_name": c.vendor,
		"contract_owners": []any{map[string]string{"id": c.owner.rampID, "email": c.owner.email(dayOf(now)), "full_name": c.owner.display(dayOf(now))}},
		"days_remaining":  map[string]any{"num_days_until_end": left, "is_expired": left < 0, "is_overdue": false},
		"created_at":      isoSeconds(c.signed.at(9 * 3600)), "updated_at": isoSeconds(c.signed.at(9 * 3600)), "archived_at": nil, "deleted_at": nil}
}

// total is the worth of the whole term.
func (c contract) total() float64 {
	months := float64(int(c.end-c.start+1) * 12 / 365)
	periods := map[string]float64{"month": months, "quarter": months / 3, "year": months / 12, "term": 1}[c.period]
	return float64(max(c.licences, 1)) * c.unitPrice * periods
}

func (a *rampAPI) agreement(w http.ResponseWriter, r *http.Request) {
	for _, c := range a.contractsAt(inRamp, dayOf(a.now())) {
		if c.contractID == r.PathValue("id") {
			out := a.shapeAgreement(c)
			out["payee"] = map[string]any{"id": a.guid(65, c.index), "name": c.vendor, "business_vendor": map[string]any{"uuid": a.guid(66, c.index)}}
			out["line_items"] = []any{map[string]any{"id": a.guid(67, c.index), "product_name": c.product, "quantity": c.licences, "billing_frequency": billing[c.period],
				"unit_price": map[string]any{"amount": int64(c.unitPrice*100 + 0.5), "currency_code": c.currency, "minor_unit_conversion_rate": 100}}}
			a.send(w, http.StatusOK, out)
			return
		}
	}
	a.fail(w, r, http.StatusNotFound)
}

var billing = map[string]string{"month": "MONTHLY", "quarter": "QUARTERLY", "year": "ANNUALLY", "term": "ONE_TIME"}

func (a *rampAPI) users(w http.ResponseWriter, r *http.Request) {
	q, d := r.URL.Query(), dayOf(a.now())
	var list []*person
	for _, p := range a.people {
		if p.kind == employee && p.hire <= d && (q.Get("email") == "" || strings.EqualFold(q.Get("email"), p.email(d))) {
			list = append(list, p)
		}
	}
	a.page(w, r, q.Get("start"), intParam(q, "page_size", 20, 2, 100), len(list), func(i int) string { return list[i].rampID }, func(i int) any {
		p := list[i]
		n := p.name(d)
		status := "USER_ACTIVE"
		if d >= p.leave {
			status = "USER_SUSPENDED"
		}
		out := map[string]any{"id": p.rampID, "email": n.email, "first_name": n.first, "last_name": n.last, "employee_id": fmt.Sprint(p.bambooID),
			"department_id": departmentID(a.Org, p.pos(d).dept), "location_id": nil, "manager_id": nil, "role": "BUSINESS_USER", "status": status,
			"is_manager": p.level < 5, "phone": nil}
		if m := p.pos(d).manager; m != nil {
			out["manager_id"] = m.rampID
		}
		return out
	})
}

func (a *rampAPI) departmentList(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	a.page(w, r, q.Get("start"), intParam(q, "page_size", 20, 2, 100), len(departments), func(i int) string { return departmentID(a.Org, i) },
		func(i int) any { return map[string]string{"id": departmentID(a.Org, i), "name": departments[i].name} })
}
