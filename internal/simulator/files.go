package simulator

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"time"
)

// Files are the files people had uploaded by an instant, by path below the workspace:
//
//	uploads/roster-figma-DATE.csv         Figma's accounts, every Monday
//	uploads/roster-lattice-DATE.csv       Lattice's accounts, on the first of each month until the connection is given up
//	uploads/engagement-fieldbook-MONTH.csv  events of an application of the company's own, growing daily
//	uploads/contracts.csv                 contracts beside Ironclad's and Ramp's
//	uploads/expenses-MONTH.csv            expense reports of the month; one line repeats a card transaction
//	uploads/fx_rates.csv                  US dollars for one unit, every Monday
//	exempt/global.csv                     people whose licences are never touched
func (o *Org) Files(asOf time.Time) map[string][]byte {
	asOf = asOf.UTC()
	today := dayOf(asOf)
	out := map[string][]byte{}
	for d := o.start; d <= today; d++ {
		if d.time().Weekday() == time.Monday || d == o.start {
			out["uploads/roster-figma-"+d.String()+".csv"] = o.figmaRoster(d)
		}
		if (d.time().Day() == 1 || d == o.start) && d <= o.disconnectedOn() {
			out["uploads/roster-lattice-"+d.String()+".csv"] = o.latticeRoster(d)
		}
	}
	o.monthly(out, "uploads/engagement-fieldbook-", asOf, o.fieldbook)
	o.monthly(out, "uploads/expenses-", asOf, o.expenses)
	out["uploads/contracts.csv"] = o.contractFile(today)
	out["uploads/fx_rates.csv"] = o.ratesFile(today)
	out["exempt/global.csv"] = table([]string{"email"}, [][]string{{o.people[0].email(today)}, {"svc-zoom-rooms@" + Domain}})
	return out
}

// monthly writes one file per month of the history with the rows of its days up to the instant.
func (o *Org) monthly(out map[string][]byte, prefix string, asOf time.Time, rows func(from, to day, asOf time.Time) []byte) {
	for from := o.start; from <= dayOf(asOf); {
		t := from.time()
		next := dayOf(time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC))
		out[prefix+t.Format("2006-01")+".csv"] = rows(from, min(next-1, dayOf(asOf)), asOf)
		from = next
	}
}

func table(header []string, rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	// Writing to a buffer cannot fail.
	_ = w.Write(header)
	_ = w.WriteAll(rows)
	return b.Bytes()
}

func (o *Org) appNamed(label string) *app {
	for _, list := range [][]*app{o.apps, o.entra} {
		for _, a := range list {
			if a.label == label {
				return a
			}
		}
	}
	return nil
}

// figmaRoster lists those assigned in Okta that morning, and three accounts that Okta does not know.
func (o *Org) figmaRoster(d day) []byte {
	var rows [][]string
	for _, s := range o.appNamed(StoryRosterApp).assigned(d.at(12 * 3600)) {
		tier := "View"
		if o.chance(drawFile, s.p.index, 1) < 0.6 {
			tier = "Full"
		}
		rows = append(rows, []string{d.String(), s.p.email(d), "fig_" + o.hexID(70, s.p.index), tier, "active", dayOf(s.from).String()})
	}
	for i := range 3 {
		rows = append(rows, []string{d.String(), fmt.Sprintf("agency%d@brightpixel.example", i+1), fmt.Sprintf("fig_ext%d", i+1), "Full", "active", (o.start - 200).String()})
	}
	return table([]string{"snapshot_date", "email", "account_id", "tier", "status", "created_at"}, rows)
}

func (o *Org) onLattice(p *person, d day) bool {
	return p.kind == employee && p.employedOn(d) && p.level >= 4 && o.chance(drawFile, p.index, 2) < 0.5
}

func (o *Org) latticeRoster(d day) []byte {
	var rows [][]string
	for _, p := range o.people {
		if o.onLattice(p, d) {
			rows = append(rows, []string{d.String(), p.email(d), "active"})
		}
	}
	return table([]string{"snapshot_date", "email", "status"}, rows)
}

// fieldUse is one row of the own application's events.
type fieldUse struct {
	at    time.Time
	p     *person
	event string
	count int
	id    string
}

func (o *Org) fieldUses(d day) []fieldUse {
	var out []fieldUse
	for _, p := range o.people {
		pos := p.pos(d)
		if pos.dept != deptSupport && pos.dept != deptSales || !o.working(p, d) || o.chance(drawFile, p.index, 3) > 0.6 {
			continue
		}
		r := o.rng(drawFile, p.index, uint64(d), 4)
		if r.Float64() > 0.25*d.season() {
			continue
		}
		out = append(out, fieldUse{at: moment(p, d, r.Float64()), p: p, event: []string{"visit_logged", "part_ordered", "page_viewed"}[r.IntN(3)],
			count: 1 + r.IntN(6), id: "fb-" + o.hexID(71, p.index, uint64(d))})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].at.Before(out[j].at) })
	return out
}

func (o *Org) fieldbook(from, to day, asOf time.Time) []byte {
	var rows [][]string
	for d := from; d <= to; d++ {
		for _, u := range o.fieldUses(d) {
			if !u.at.After(asOf) {
				rows = append(rows, []string{u.at.Format(time.RFC3339), u.p.email(d), u.event, strconv.Itoa(u.count), u.id})
			}
		}
	}
	return table([]string{"occurred_at", "email", "event", "count", "event_id"}, rows)
}

// expenses are lines of expense reports. Loom's last charge on the buyer's card, ten days
// or more before the end, is handed in again.
func (o *Org) expenses(from, to day, asOf time.Time) []byte {
	var rows [][]string
	var times []time.Time
	line := func(id string, at time.Time, cents int64, currency, vendor string, p *person, category, memo string) {
		if d := dayOf(at); d >= from && d <= to && !at.After(asOf) {
			k := sort.Search(len(times), func(i int) bool { return times[i].After(at) })
			times = slices.Insert(times, k, at)
			rows = slices.Insert(rows, k, []string{id, d.String(), strconv.FormatFloat(float64(cents)/100, 'f', 2, 64), currency, vendor, "expense",
				p.email(d), departments[p.pos(d).dept].name, category, memo})
		}
	}
	if c, ok := o.duplicatedCharge(); ok {
		line("EXP-DUP-1", c.at, c.cents, c.currency, "Loom", c.p, "Software", "Screen recording, paid by company card")
	}
	for d := from; d <= to; d++ {
		r := o.rng(drawFile, uint64(d), 5)
		if r.Float64() < 0.5 {
			continue
		}
		p := o.people[r.IntN(o.opts.People)]
		if !p.employedOn(d) {
			continue
		}
		vendor, category := "Café Müller & Söhne", "Meals"
		switch r.IntN(6) {
		case 0:
			vendor, category = "Grammarly", "Software"
		case 1:
			vendor, category = "Deutsche Bahn", "Travel"
		case 2:
			vendor, category = "Overleaf", "Software"
		}
		line(fmt.Sprintf("EXP-%d", int(d)), moment(p, d, r.Float64()), int64(math.Round(r.Float64()*9000))+500, []string{"EUR", "USD", "GBP"}[r.IntN(3)], vendor, p, category, "")
	}
	return table([]string{"transaction_id", "date", "amount", "currency", "vendor", "type", "payer_email", "department", "category", "memo"}, rows)
}

// duplicatedCharge is the card transaction that an expense report repeats.
func (o *Org) duplicatedCharge() (cardLine, bool) {
	var last cardLine
	for _, c := range o.cards {
		if c.shadow == "Loom" && c.p == o.story.buyer && dayOf(c.at) <= o.before(10) {
			last = c
		}
	}
	return last, last.p != nil
}

func (o *Org) contractFile(d day) []byte {
	var rows [][]string
	for _, c := range o.contractsAt(inFile, d) {
		licences := c.licences
		if !c.userLicence {
			licences = 1
		}
		rows = append(rows, []string{c.contractID, c.lineID, c.vendor, c.start.String(), c.end.String(), strconv.Itoa(licences), c.product, c.tier,
			strconv.FormatFloat(c.unitPrice, 'f', 2, 64), c.period, c.currency, strconv.FormatBool(c.autoRenew), strconv.Itoa(c.noticeDays),
			strconv.FormatBool(c.userLicence), c.owner.email(d), "active"})
	}
	return table([]string{"contract_id", "line_id", "vendor", "start_date", "end_date", "licences", "app", "tier", "unit_price", "billing_period", "currency",
		"auto_renew", "notice_days", "is_user_licence", "owner_email", "status"}, rows)
}

func (o *Org) ratesFile(today day) []byte {
	var rows [][]string
	for d := o.start - 400; d <= today; d += 7 {
		for _, c := range []string{"EUR", "GBP", "JPY"} {
			rows = append(rows, []string{d.String(), c, strconv.FormatFloat(o.rate(c, d), 'f', 6, 64)})
		}
	}
	return table([]string{"date", "currency", "rate"}, rows)
}
