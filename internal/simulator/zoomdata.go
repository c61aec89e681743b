package simulator

import (
	"sort"
	"time"
)

// zoomAccount is a person's account at Zoom; id is empty for those who have none.
type zoomAccount struct {
	id       string
	created  day
	licensed bool
	old      bool // known by the address at the former domain, or the name before a change
	end      day  // first day deactivated
}

// zoomAccountOf draws the account.
func (o *Org) zoomAccountOf(p *person) {
	r := o.rng(drawZoomAccount, p.index)
	share := 0.85
	if p.kind == contractor {
		share = 0.5
	}
	has := r.Float64() < share && p.human()
	z := zoomAccount{created: p.hire + day(r.IntN(4)), licensed: r.Float64() < 0.72, end: p.leave}
	z.old = p.oldDomain && r.Float64() < 0.5
	if p.leave < never && r.Float64() < 0.3 {
		z.end = never // still holds a seat
	}
	switch p {
	case o.story.leaverOnZoom:
		has, z.licensed, z.end = true, true, never
	case o.story.alias, o.story.renamed:
		has, z.licensed, z.old = true, true, true
	case o.story.leaverInOkta:
		has, z.end = true, p.leave
	}
	if has {
		z.id = o.urlID(30, p.index)
		p.zoom = z
	} else {
		p.zoom = zoomAccount{created: never, end: never}
	}
}

// zoomEmail is the address Zoom knows.
func (p *person) zoomEmail(d day) string {
	switch {
	case p.zoom.old && p.oldDomain:
		return p.oldAddress()
	case p.zoom.old:
		return p.names[0].email
	default:
		return p.email(d)
	}
}

// zoomStatus is active, inactive or pending; empty before there is an account.
func (o *Org) zoomStatus(p *person, t time.Time) string {
	d := dayOf(t)
	switch {
	case p.zoom.id == "" || d < p.zoom.created:
		return ""
	case d >= p.zoom.end:
		return "inactive"
	case d < p.zoom.created+2 && p.zoom.created >= o.start:
		return "pending"
	default:
		return "active"
	}
}

// meeting is one that took place.
type meeting struct {
	uuid         string
	id           int64
	topic        string
	host         *person
	start, end   time.Time
	attendees    []attendee
	screen, rec  bool
	video, voip  bool
	participants int
}

// attendee is one stay of one person (or guest, p nil) in a meeting.
type attendee struct {
	p           *person
	guest       string
	join, leave time.Time
	userID      string
	desktop     bool
	application bool
	whiteboard  bool
	camera      bool
}

type meetingDay struct {
	list   []*meeting // by end
	byUUID map[string]*meeting
	byID   map[int64]*meeting
	hosted map[*person][]*meeting
	joined map[*person][]*meeting
}

var topics = []string{"Weekly sync", "1:1", "Stand-up", "Design review", "Customer call", "Retro", "Planning", "Interview", "All hands prep", "Budget <Q3> & \"outlook\""}

// meetingDay works out the meetings that start and end on a day.
func (o *Org) meetingDay(d day) *meetingDay { return o.meetings.get(d, o.makeMeetingDay) }

func (o *Org) makeMeetingDay(d day) *meetingDay {
	out := &meetingDay{byUUID: map[string]*meeting{}, byID: map[int64]*meeting{}, hosted: map[*person][]*meeting{}, joined: map[*person][]*meeting{}}
	if d < o.start || d > o.end+60 {
		return out
	}
	r := o.rng(drawMeeting, uint64(d))
	var able []*person
	byTeam := map[int][]*person{}
	for _, p := range o.people {
		if o.working(p, d) && o.zoomStatus(p, d.at(0)) == "active" && o.chance(drawMeeting, p.index, 77) > 0.07 {
			able = append(able, p)
			pos := p.pos(d)
			byTeam[pos.dept*3+pos.team] = append(byTeam[pos.dept*3+pos.team], p)
		}
	}
	n := int(float64(o.opts.People) * 0.07 * d.season())
	for i := 0; i < n && len(able) > 5; i++ {
		host := able[int(float64(len(able))*r.Float64()*r.Float64())] // the higher up, the more meetings
		m := &meeting{host: host, topic: topics[r.IntN(len(topics))], id: 80000000000 + int64(o.hash(drawMeeting, uint64(d), uint64(i), 5)%19999999999)}
		m.uuid = o.base64ID(31, uint64(d), uint64(i))
		if i == 0 {
			m.uuid = "/" + m.uuid[1:] // must be escaped twice in a path
		}
		m.start = moment(host, d, r.Float64()*0.9).Truncate(5 * time.Minute)
		m.end = minTime(m.start.Add(time.Duration(15+r.IntN(60))*time.Minute), d.at(86300))
		pos := host.pos(d)
		crowd := byTeam[pos.dept*3+pos.team]
		if r.Float64() < 0.4 {
			crowd = able
		}
		seen := map[*person]bool{host: true}
		o.attend(m, attendee{p: host}, r.Float64())
		for k := range 1 + r.IntN(8) {
			if p := crowd[r.IntN(len(crowd))]; !seen[p] {
				seen[p] = true
				o.attend(m, attendee{p: p}, o.chance(drawMeeting, uint64(d), uint64(i), uint64(k), 6))
			}
		}
		if len(m.attendees) == 1 || r.Float64() < 0.12 {
			o.attend(m, attendee{guest: "Guest " + lastNames[r.IntN(len(lastNames))][:2]}, r.Float64())
		}
		m.rec = r.Float64() < 0.06
		m.participants = len(m.attendees)
		out.list = append(out.list, m)
	}
	sort.SliceStable(out.list, func(i, j int) bool { return out.list[i].end.Before(out.list[j].end) })
	for _, m := range out.list {
		out.byUUID[m.uuid], out.byID[m.id] = m, m
		out.hosted[m.host] = append(out.hosted[m.host], m)
		for _, a := range m.attendees {
			if a.p != nil {
				out.joined[a.p] = append(out.joined[a.p], m)
			}
		}
	}
	return out
}

func (o *Org) attend(m *meeting, a attendee, x float64) {
	a.join = m.start.Add(time.Duration(x*120) * time.Second)
	a.leave = m.end.Add(-time.Duration(x*60) * time.Second)
	a.userID = "1677" + digits(o.hash(drawMeeting, uint64(m.id), uint64(len(m.attendees)), 8), 4)
	h := o.hash(drawMeeting, uint64(m.id), uint64(len(m.attendees)), 9)
	a.camera = h%10 < 7
	share := a.p == m.host && h>>8%10 < 5 || h>>8%20 == 0
	a.desktop, a.application = share && h>>16%2 == 0, share && h>>16%2 == 1
	a.whiteboard = h>>24%40 == 0
	m.screen, m.video, m.voip = m.screen || share, m.video || a.camera, true
	m.attendees = append(m.attendees, a)
}

func digits(x uint64, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + x%10)
		x /= 10
	}
	return string(b)
}

// meetingsBetween lists the meetings that started on one of the days and have ended by now, by end.
func (o *Org) meetingsBetween(from, to day, now time.Time) []*meeting {
	var out []*meeting
	for d := max(from, o.start); d <= min(to, dayOf(now)); d++ {
		for _, m := range o.meetingDay(d).list {
			if !m.end.After(now) {
				out = append(out, m)
			}
		}
	}
	return out
}
