package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

func atoi64(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64) // 0 is no meeting
	return n
}

func dates(from, to day) map[string]any {
	return map[string]any{"from": from.String(), "to": to.String()}
}

func clockTime(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

func (a *zoomAPI) reportUsers(w http.ResponseWriter, r *http.Request) {
	from, to, ok := a.span(w, r)
	if !ok {
		return
	}
	type sum struct{ meetings, participants, minutes int }
	sums := map[*person]*sum{}
	for _, m := range a.meetingsBetween(from, to, a.now()) {
		s := sums[m.host]
		if s == nil {
			s = &sum{}
			sums[m.host] = s
		}
		s.meetings++
		s.participants += m.participants
		s.minutes += int(m.end.Sub(m.start).Minutes()) * m.participants
	}
	active := r.URL.Query().Get("type") != "inactive"
	var list []*person
	var total sum
	for _, p := range a.people {
		s := sums[p]
		if status := a.zoomStatus(p, a.now()); status == "" || status == "pending" || (s != nil) != active {
			continue
		}
		list = append(list, p)
		if s != nil {
			total.meetings, total.participants, total.minutes = total.meetings+s.meetings, total.participants+s.participants, total.minutes+s.minutes
		}
	}
	extra := dates(from, to)
	extra["total_meetings"], extra["total_participants"], extra["total_meeting_minutes"], extra["page_number"] = total.meetings, total.participants, total.minutes, 1
	a.page(w, r, "users", len(list), extra, func(i int) any {
		p, s := list[i], sums[list[i]]
		if s == nil {
			s = &sum{}
		}
		d := dayOf(a.now())
		licence := 1
		if p.zoom.licensed {
			licence = 2
		}
		return map[string]any{"id": p.zoom.id, "email": p.zoomEmail(d), "user_name": p.display(d), "type": licence, "dept": departments[p.pos(d).dept].name,
			"meetings": s.meetings, "participants": s.participants, "meeting_minutes": s.minutes}
	})
}

func (a *zoomAPI) reportUserMeetings(w http.ResponseWriter, r *http.Request) {
	p := a.userOf(w, r)
	if p == nil {
		return
	}
	from, to, ok := a.span(w, r)
	if !ok {
		return
	}
	kind, now := r.URL.Query().Get("type"), a.now()
	var list []*meeting
	for d := max(from, a.start); d <= min(to, dayOf(now)); d++ {
		md := a.meetingDay(d)
		meetings := md.hosted[p]
		if kind == "pastJoined" {
			meetings = md.joined[p]
		}
		for _, m := range meetings {
			if !m.end.After(now) && (m.participants > 1) == (kind != "pastOne") {
				list = append(list, m)
			}
		}
	}
	extra := dates(from, to)
	extra["page_number"] = 1
	a.page(w, r, "meetings", len(list), extra, func(i int) any {
		m := list[i]
		d := dayOf(m.start)
		minutes := int(m.end.Sub(m.start).Minutes())
		return map[string]any{"uuid": m.uuid, "id": m.id, "type": 2, "topic": m.topic, "user_name": m.host.display(d), "user_email": m.host.zoomEmail(d),
			"host_name": m.host.display(d), "start_time": isoSeconds(m.start), "end_time": isoSeconds(m.end), "duration": minutes,
			"total_minutes": minutes * m.participants, "participants_count": m.participants, "source": "Zoom", "has_screen_share": m.screen,
			"has_recording": m.rec, "has_chat": m.participants > 3}
	})
}

// stays lists a meeting's attendees as Zoom shows them to both participant reports.
func (m *meeting) email(a attendee) (id, email, name string) {
	if a.p == nil {
		return "", "", a.guest
	}
	d := dayOf(m.start)
	return a.p.zoom.id, a.p.zoomEmail(d), a.p.display(d)
}

func (a *zoomAPI) reportParticipants(w http.ResponseWriter, r *http.Request) {
	m := a.meetingOf(w, r)
	if m == nil {
		return
	}
	a.page(w, r, "participants", len(m.attendees), nil, func(i int) any {
		x := m.attendees[i]
		id, email, name := m.email(x)
		return map[string]any{"id": id, "participant_user_id": id, "user_id": x.userID, "name": name, "user_email": email, "join_time": isoSeconds(x.join),
			"leave_time": isoSeconds(x.leave), "duration": int(x.leave.Sub(x.join).Seconds()), "failover": false, "status": "in_meeting"}
	})
}

func (a *zoomAPI) historyMeetings(w http.ResponseWriter, r *http.Request) {
	from, to, ok := a.span(w, r)
	if !ok {
		return
	}
	list := a.meetingsBetween(from, to, a.now())
	a.page(w, r, "history_meetings", len(list), nil, func(i int) any {
		m := list[i]
		d := dayOf(m.start)
		minutes := int(m.end.Sub(m.start).Minutes())
		whiteboard := false
		for _, x := range m.attendees {
			whiteboard = whiteboard || x.whiteboard
		}
		return map[string]any{"meeting_uuid": m.uuid, "meeting_id": m.id, "type": "Meeting", "host_display_name": m.host.display(d), "host_email": m.host.zoomEmail(d),
			"start_time": isoSeconds(m.start), "end_time": isoSeconds(m.end), "topic": m.topic, "participants": m.participants, "duration": minutes,
			"total_participant_minutes": minutes * m.participants, "department": departments[m.host.pos(d).dept].name, "source": "Zoom",
			"create_time": isoSeconds(m.start.Add(-24 * time.Hour)),
			"feature_used": map[string]bool{"screen_sharing": m.screen, "video_on": m.video, "in_meeting_chat": m.participants > 3, "whiteboard": whiteboard,
				"record_to_cloud": m.rec, "record_to_computer": false, "remote_control": false, "breakout_room": false, "reaction": m.participants > 5,
				"telephone_usage": false, "waiting_room": false, "annotation": false, "raise_hand": false, "meeting_summary": false}}
	})
}

func (a *zoomAPI) metricsMeetings(w http.ResponseWriter, r *http.Request) {
	from, to, ok := a.span(w, r)
	if !ok {
		return
	}
	var list []*meeting
	if kind := r.URL.Query().Get("type"); kind == "past" || kind == "pastOne" {
		for _, m := range a.meetingsBetween(from, to, a.now()) {
			if (m.participants > 1) == (kind == "past") {
				list = append(list, m)
			}
		}
	}
	a.page(w, r, "meetings", len(list), dates(from, to), func(i int) any {
		m := list[i]
		d := dayOf(m.start)
		licence := "Basic"
		if m.host.zoom.licensed {
			licence = "Licensed"
		}
		return map[string]any{"uuid": m.uuid, "id": m.id, "topic": m.topic, "host": m.host.display(d), "email": m.host.zoomEmail(d), "user_type": licence,
			"dept": departments[m.host.pos(d).dept].name, "start_time": isoSeconds(m.start), "end_time": isoSeconds(m.end), "duration": clockTime(m.end.Sub(m.start)),
			"participants": m.participants, "has_pstn": false, "has_voip": m.voip, "has_3rd_party_audio": false, "has_video": m.video,
			"has_screen_share": m.screen, "has_recording": m.rec, "has_sip": false}
	})
}

func (a *zoomAPI) metricsParticipants(w http.ResponseWriter, r *http.Request) {
	m := a.meetingOf(w, r)
	if m == nil {
		return
	}
	a.page(w, r, "participants", len(m.attendees), nil, func(i int) any {
		x := m.attendees[i]
		id, email, name := m.email(x)
		out := map[string]any{"id": id, "participant_user_id": id, "user_id": x.userID, "user_name": name, "email": email, "role": "attendee", "device": "Mac",
			"ip_address": "192.0.2.7", "location": "", "network_type": "Wifi", "microphone": "MacBook Pro Microphone", "speaker": "MacBook Pro Speakers", "camera": "",
			"data_center": "Germany (FR)", "connection_type": "UDP", "join_time": isoSeconds(x.join), "leave_time": isoSeconds(x.leave), "leave_reason": "Host ended the meeting.",
			"share_application": x.application, "share_desktop": x.desktop, "share_whiteboard": x.whiteboard, "recording": m.rec && x.p == m.host,
			"pc_name": "", "version": "6.4.6.64360", "status": "in_meeting", "audio_quality": "good", "video_quality": "", "screen_share_quality": ""}
		if x.camera {
			out["camera"], out["video_quality"] = "FaceTime HD Camera", "good"
		}
		if x.p == m.host {
			out["role"] = "host"
		}
		return out
	})
}
