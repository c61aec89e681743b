package simulator

import (
	"math"
	"sort"
	"time"
)

// cardLine is a transaction on a company card.
type cardLine struct {
	id         string
	at         time.Time
	p          *person
	merchant   string // as the card network prints it
	name       string // as Ramp tidies it
	category   string
	mcc        string
	cents      int64
	currency   string
	declined   bool
	wrongTyped bool // the amount comes as text
	shadow     string
	memo       string
}

var everyday = []struct{ merchant, name, category, mcc string }{
	{"SQ *BLUE DOOR COFFEE", "Blue Door Coffee", "Restaurants", "5814"},
	{"LUFTHANSA 2204711823", "Lufthansa", "Airlines", "3008"},
	{"UBER *TRIP HELP.UBER.COM", "Uber", "Taxi and Rideshare", "4121"},
	{"MARRIOTT HOTELS 00231", "Marriott", "Lodging", "3509"},
	{"AMZN Mktp US*2K4LP1", "Amazon", "Office Supplies", "5942"},
	{"PAYPAL *SHUTTERSTCK", "Shutterstock", "Professional Services", "7333"},
	{"SQ *NIMBUS WIDGETS LLC", "Nimbus Widgets", "General Merchandise", "5999"},
}

// makeCards draws every card transaction of the history: what people subscribe to behind IT's
// back, month by month, among everyday spending.
func (o *Org) makeCards() {
	last := o.end + 30
	for i, s := range shadowApps {
		for b := range s.buyers {
			r := o.rng(drawCard, uint64(i), uint64(b))
			p := o.people[int(o.hash(drawCard, uint64(i), uint64(b), 2)%uint64(o.opts.People))]
			if b == 0 && (s.name == StoryShadowApp || s.name == "Loom") {
				p = o.story.buyer
			}
			first := o.start + day(r.IntN(max(1, o.opts.Days/3)))
			for d, n := first, 0; d <= last; d, n = d+30, n+1 {
				if !p.employedOn(d) {
					continue
				}
				c := cardLine{p: p, merchant: s.merchant, name: s.name, category: "SaaS / Software", mcc: "5734",
					cents: int64(math.Round(s.amount * 100)), currency: s.currency, shadow: s.name}
				c.at = moment(p, d, r.Float64())
				o.addCard(c)
				if b == 1 && n == 2 { // one month is refunded
					c.cents, c.at, c.memo = -c.cents, c.at.Add(49*time.Hour), "Refund"
					o.addCard(c)
				}
			}
		}
	}
	for d := o.start; d <= last; d++ {
		r := o.rng(drawCard, uint64(d), 3)
		for range int(math.Ceil(float64(o.opts.People) * 0.006 * d.season())) {
			e := everyday[r.IntN(len(everyday))]
			p := o.people[r.IntN(o.opts.People)]
			c := cardLine{p: p, at: moment(p, d, r.Float64()), merchant: e.merchant, name: e.name, category: e.category, mcc: e.mcc,
				cents: int64(400 + r.IntN(60000)), currency: []string{"USD", "USD", "USD", "EUR", "GBP"}[r.IntN(5)]}
			c.declined = r.Float64() < 0.03
			if p.employedOn(d) {
				o.addCard(c)
			}
		}
	}
	sort.SliceStable(o.cards, func(i, j int) bool { return o.cards[i].at.Before(o.cards[j].at) })
	for i := range o.cards {
		if o.cards[i].shadow == "" && o.cards[i].at.After(o.within(40).time()) {
			o.cards[i].wrongTyped = true
			break
		}
	}
}

func (o *Org) addCard(c cardLine) {
	c.id = o.guid(50, uint64(len(o.cards)))
	o.cards = append(o.cards, c)
}

func (c cardLine) amount() float64 { return float64(c.cents) / 100 }

// state is PENDING for two days, then CLEARED.
func (c cardLine) state(now time.Time) string {
	switch {
	case c.declined:
		return "DECLINED"
	case now.Sub(c.at) < 48*time.Hour:
		return "PENDING"
	default:
		return "CLEARED"
	}
}

// Where a contract is kept.
const (
	inIronclad = iota
	inRamp
	inFile
)

// contract is a purchase of licences.
type contract struct {
	index       uint64
	where       int
	vendor      string
	product     string
	tier        string
	start, end  day
	licences    int
	unitPrice   float64
	period      string // month, quarter, year, term
	currency    string
	autoRenew   bool
	noticeDays  int
	userLicence bool
	owner       *person
	lineID      string
	contractID  string
	recordType  string
	signed      day
}

// makeContracts writes the contracts; licence counts follow the size of the company.
func (o *Org) makeContracts() {
	n := float64(o.opts.People)
	seats := func(share float64) int { return max(1, int(n*share)) }
	add := func(c contract) {
		c.index, c.currency, c.userLicence = uint64(len(o.contracts)), orElse(c.currency, "USD"), c.licences > 0
		c.owner, c.signed = o.story.owner, c.start-20
		if c.contractID == "" {
			c.contractID = o.guid(60, c.index)
		}
		o.contracts = append(o.contracts, c)
	}
	year := func(endsIn int) (day, day) { return o.end + day(endsIn) - 364, o.end + day(endsIn) }
	// Ironclad.
	s, e := year(75) // notice is due in 15 days
	add(contract{where: inIronclad, vendor: "Zoom Video Communications, Inc.", product: "Zoom", tier: "Licensed", start: s, end: e,
		licences: seats(0.7), unitPrice: 16.5, period: "month", autoRenew: true, noticeDays: 60})
	s, e = year(120)
	add(contract{where: inIronclad, vendor: "Slack Technologies, LLC", product: "Slack", start: s, end: e,
		licences: seats(0.75), unitPrice: 12.5, period: "month", autoRenew: true, noticeDays: 30})
	s, e = year(200)
	add(contract{where: inIronclad, vendor: "Salesforce, Inc.", product: "Salesforce", start: s, end: e,
		licences: seats(0.4), unitPrice: 1980, period: "year", autoRenew: true, noticeDays: 90})
	s, e = year(35)
	add(contract{where: inIronclad, vendor: "Atlassian Pty Ltd", product: "Atlassian Jira Cloud", start: s, end: e,
		licences: seats(0.8), unitPrice: 8.2, period: "month", noticeDays: 30})
	s, e = year(160)
	add(contract{where: inIronclad, vendor: "Freshworks Inc.", product: StoryUnusedContract, start: s, end: e,
		licences: seats(0.1), unitPrice: 49, period: "month", autoRenew: true, noticeDays: 45})
	s, e = year(250)
	add(contract{where: inIronclad, vendor: "Datadog, Inc.", product: "Datadog", start: s, end: e,
		licences: seats(0.15), unitPrice: 31, period: "month", noticeDays: 30})
	s, e = year(300)
	add(contract{where: inIronclad, vendor: "Harbour Lane Properties GmbH", product: "Office lease Berlin", start: s - 730, end: e,
		currency: "EUR", unitPrice: 22000, period: "month", noticeDays: 180, recordType: "leaseAgreement"})
	// Ramp.
	s, e = year(90)
	add(contract{where: inRamp, vendor: "Notion Labs, Inc.", product: "Notion", start: s, end: e,
		licences: seats(0.35), unitPrice: 15, period: "month", autoRenew: true, noticeDays: 30})
	s, e = year(-40) // expired, still used
	add(contract{where: inRamp, vendor: "Miro (RealtimeBoard Inc.)", product: "Miro", start: s, end: e,
		licences: seats(0.2), unitPrice: 120, period: "year", noticeDays: 30})
	// The spreadsheet.
	s, e = year(140)
	add(contract{where: inFile, contractID: "PO-2201", lineID: "1", vendor: "Figma, Inc.", product: "Figma", tier: "Full", start: s, end: e,
		licences: seats(0.12), unitPrice: 660, period: "year", autoRenew: true, noticeDays: 60})
	add(contract{where: inFile, contractID: "PO-2201", lineID: "2", vendor: "Figma, Inc.", product: "Figma", tier: "View", start: s, end: e,
		licences: seats(0.1), unitPrice: 36, period: "year", autoRenew: true, noticeDays: 60})
	s, e = year(180)
	add(contract{where: inFile, contractID: "PO-2207", lineID: "1", vendor: "Microsoft Ireland Operations Ltd", product: "Microsoft Power BI", start: s, end: e,
		licences: seats(0.3), unitPrice: 9.4, period: "month", currency: "EUR", autoRenew: true, noticeDays: 30})
	add(contract{where: inFile, contractID: "PO-2207", lineID: "2", vendor: "Microsoft Ireland Operations Ltd", product: "Premium support", start: s, end: e,
		unitPrice: 9000, period: "term", currency: "EUR", autoRenew: true, noticeDays: 30})
	s, e = year(20)
	add(contract{where: inFile, contractID: "PO-2215", lineID: "1", vendor: "Zendesk, Inc.", product: "Zendesk", start: s, end: e,
		licences: seats(0.18), unitPrice: 297, period: "quarter", noticeDays: 14})
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// contractsAt lists the contracts kept at a place and signed by a day.
func (o *Org) contractsAt(where int, d day) []contract {
	var out []contract
	for _, c := range o.contracts {
		if c.where == where && c.signed <= d {
			out = append(out, c)
		}
	}
	return out
}

// rate is a currency's worth in US dollars on a day.
func (o *Org) rate(currency string, d day) float64 {
	base := map[string]float64{"EUR": 1.09, "GBP": 1.27, "JPY": 0.0066}[currency]
	wave := math.Sin(float64(d)/37) * 0.02
	return math.Round(base*(1+wave)*1e6) / 1e6
}
