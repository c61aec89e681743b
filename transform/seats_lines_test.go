package transform_test

import (
	"fmt"
	"slices"
	"strings"
)

// placedSeat is a seat beside the contract lines, of which there is one for each price, of licencesEach licences.
type placedSeat struct {
	email, id, line string // line: what is named in prices; empty: none
	free            bool
	use, rule       int // who uses it comes first, whose seat can go last; by the segments, and by the rules
}

const licencesEach = 7

// priced tells whether contracts have a line for an app.
func (o *seatOrg) priced(app string) bool {
	for what := range o.prices {
		if what == app || app == "zoom" && what != "box" {
			return true
		}
	}
	return false
}

func (o *seatOrg) place(app string, day int) []placedSeat {
	var out []placedSeat
	isRoster := app == "zoom" && knows(o.rosters, app, day)
	for _, p := range o.people {
		s, ok := o.judge(app, p, day)
		if !ok {
			continue
		}
		hasLeft, _ := o.left(p, day)
		certain := hasLeft || s.hasEvents || !o.everActive(app, p, day)
		active := s.last >= 0 && s.last > day-30
		use := 1
		switch {
		case o.isExempt(app, p), !hasLeft && s.isNew:
		case hasLeft && certain, s.use == "inactive" && certain:
			use = 4
		case s.use == "inactive":
			use = 3
		case s.use == "unknown" || s.use == "":
			use = 2
		}
		if use == 1 && active {
			use = 0
		}
		rule := 0
		if action, _, _ := o.action(app, p, day); action != "" && !o.isExempt(app, p) {
			rule = map[bool]int{true: 3, false: 2}[certain]
			if action == "downgrade" {
				rule = 1
			}
		}
		seen := map[string]bool{}
		for _, row := range newestSet(o.source(app, day), day).of(app, p) {
			x := placedSeat{email: p, id: p, use: use, rule: rule}
			if isRoster {
				x.id = "roster/zoom/" + row.account
			}
			if seen[x.id] {
				continue
			}
			seen[x.id] = true
			tier := strings.ToLower(row.tier)
			if _, ok := o.prices[tier]; ok && isRoster && tier != "box" {
				x.line = tier
			} else if _, ok := o.prices[app]; ok {
				x.line = app
			}
			x.free = isRoster && tier == "basic" && x.line == ""
			out = append(out, x)
		}
	}
	return out
}

// everActive tells whether somebody did anything in an app up to a day.
func (o *seatOrg) everActive(app, email string, day int) bool {
	is := func(e seatEvent) bool {
		return e.app == app && e.email == email && e.day <= day && e.event != "signed_in"
	}
	return slices.ContainsFunc(o.events, is) || slices.ContainsFunc(o.logins, is)
}

// worth is what a person's seats cost a month, as far as somebody pays for them (-1 unknown), how many of them do
// somebody pay for, and how many are beyond the licences bought.
func (o *seatOrg) worth(app, email string, day int, byRule bool) (price, seats, beyond int) {
	if !o.priced(app) {
		return -1, 1, 0
	}
	all := o.place(app, day)
	slices.SortFunc(all, func(a, b placedSeat) int {
		x := []int{a.use - b.use}
		if byRule {
			x = []int{a.rule - b.rule, a.use - b.use}
		}
		for _, d := range append(x, strings.Compare(a.email, b.email), strings.Compare(a.id, b.id)) {
			if d != 0 {
				return d
			}
		}
		return 0
	})
	filled := map[string]int{}
	for _, x := range all {
		mine := x.email == email
		if x.free {
			continue
		}
		if x.line == "" {
			if mine {
				price, seats = -1, seats+1
			}
			continue
		}
		filled[x.line]++
		switch {
		case !mine:
		case filled[x.line] > licencesEach:
			beyond++
		default:
			seats++
			if price >= 0 {
				price += o.prices[x.line]
			}
		}
	}
	return price, seats, beyond
}

// cheaper says whether Basic is not known to be as dear as Licensed, and what it saves a month; -1 unknown.
func (o *seatOrg) cheaper() (is bool, saving int) {
	own, ok := o.prices["licensed"]
	lower := o.prices["basic"] // without a line it is free
	switch {
	case !ok:
		return true, -1
	case lower >= own:
		return false, -1
	case !o.priced("zoom"):
		return true, -1
	}
	return true, own - lower
}

// saved is what a recommendation saves: money (-1 unknown), seats, and seats beyond the licences bought.
func (o *seatOrg) saved(app, email, action string, day int, byRule bool) (worth, seats, beyond int) {
	worth, seats, beyond = o.worth(app, email, day, byRule)
	if action != "downgrade" {
		return worth, seats, beyond
	}
	_, difference := o.cheaper()
	if !o.priced(app) {
		return -1, 1, 0
	}
	if seats == 0 {
		difference = 0
	}
	return difference, min(seats, 1), min(beyond, 1)
}

// counted are the seats that a recommendation frees, as savings has them.
func counted(n, beyond int) string { return fmt.Sprintf("%d/%d", n, beyond) }
