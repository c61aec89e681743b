package simulator

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWholeHistory works out the default history and serves Okta's whole log over HTTP. How long it
// takes is logged, not tested: a busy machine is no fault.
func TestWholeHistory(t *testing.T) {
	began := time.Now()
	o := NewOrg(Options{})
	made := time.Since(began)
	var logs, signIns, meetings, attendees, network int
	for d := o.start; d <= o.end; d++ {
		logs += len(o.logDay(d))
		signIns += len(o.signInDay(d))
		network += len(o.networkDay(d))
		for _, m := range o.meetingDay(d).list {
			meetings++
			attendees += len(m.attendees)
		}
	}
	generated := time.Since(began)
	t.Logf("organisation %v, events %v: %d log entries, %d sign-ins, %d meetings with %d attendees, %d network events, %d card lines",
		made, generated, logs, signIns, meetings, attendees, network, len(o.cards))
	assert.Greater(t, logs, 40_000)
	assert.Less(t, logs, 200_000)

	v := serve(t, o.start.at(0), ServerOptions{})
	began = time.Now()
	served, link := 0, "/api/v1/logs?limit=1000&since="+isoMillis(o.start.at(0))
	for d := o.start; d <= o.end; d += 5 {
		v.clock.Set(d.at(23 * 3600))
		for {
			r := v.ok(Okta, link)
			require.NotEmpty(t, r.next())
			link = r.next()
			n := len(r.array(v))
			if n == 0 {
				break
			}
			served += n
		}
	}
	t.Logf("served %d log entries in %v", served, time.Since(began))
	assert.Greater(t, served, logs*9/10)
}
