package main

import (
	"context"
	"fmt"
	"os"
)

func expect(what string, got, want int64) error {
	if got != want {
		return fmt.Errorf("%s: %d rows, expected %d", what, got, want)
	}
	return nil
}

// measureLanding: events of about 2 kB from a loopback server into the committed lake, beside
// DuckDB's read_json to Parquet of the same bytes from a local file.
func measureLanding(ctx context.Context, s settings, out *table) error {
	many := task{Dir: s.Dir, Events: s.scaled(1_000_000, 2_000)}
	few := many
	few.Events = many.Events / 10
	if _, err := run(ctx, with(many, "write events")); err != nil {
		return err
	}
	rs, err := interleaved(ctx, s.Rounds, with(many, "land"), with(many, "read_json"), with(few, "land"))
	if err != nil {
		return err
	}
	landing, reading, small := rs[0], rs[1], rs[2]
	for what, pair := range map[string][2]int64{
		"landed": {landing.Rows, int64(many.Events)}, "read_json": {reading.Rows, int64(many.Events)}, "landed few": {small.Rows, int64(few.Events)},
	} {
		if err := expect(what, pair[0], pair[1]); err != nil {
			return err
		}
	}
	out.figure(fmt.Sprintf("landing %d events from a server", few.Events), small)
	out.figure(fmt.Sprintf("landing %d events from a server", many.Events), landing)
	out.figure("DuckDB read_json → Parquet, same bytes from a file", reading)
	speed := reading.Seconds / landing.Seconds
	out.ratio("speed beside read_json", fmt.Sprintf("%.2f×", speed), "≥ 0.5×", speed >= 0.5)
	out.ratio("peak memory, MB", fmt.Sprint(landing.Peak), "< 200", landing.Peak < 200)
	growth := float64(landing.Peak) / float64(max(1, small.Peak))
	out.ratio("peak memory, ten times the events", fmt.Sprintf("%.2f×", growth), "≤ 1.2×", growth <= 1.2)
	return os.Remove(eventsFile(many))
}

func with(t task, part string) task {
	t.Part = part
	return t
}

// measureSeries: the 120-day series of every app and day at once, by the model itself, beside one
// GROUP BY of the same rows and beside the range join.
func measureSeries(ctx context.Context, s settings, out *table) error {
	// People and apps shrink together, so that the rows shrink with the scale.
	t := task{Dir: s.Dir, People: s.scaled(20_000, 200), Apps: 300, Days: 365, Sample: 20}
	if s.Scale < 0.05 {
		t.Apps, t.Days = 10, 200
	}
	written, err := run(ctx, with(t, "write activity"))
	if err != nil {
		return err
	}
	rs, err := interleaved(ctx, s.Rounds, with(t, "series"), with(t, "group by"))
	if err != nil {
		return err
	}
	model, pass := rs[0], rs[1]
	joined, err := run(ctx, with(t, "range join")) // once: they are the slow ones
	if err != nil {
		return err
	}
	public, err := run(ctx, with(t, "range join of public ids"))
	if err != nil {
		return err
	}
	for what, pair := range map[string][2]int64{
		"series": {model.Rows, int64(t.Apps * t.Days)}, "group by": {pass.Rows, written.Rows}, "range join": {joined.Rows, int64(t.Sample * t.Apps)},
		"people of the sampled days": {model.Sum, joined.Sum}, "the same by public ids": {joined.Sum, public.Sum},
	} {
		if err := expect(what, pair[0], pair[1]); err != nil {
			return err
		}
	}
	out.figure(fmt.Sprintf("120-day series of %d days, %d M person-app-days", t.Days, written.Rows/1_000_000), model)
	out.figure("one GROUP BY pass over the same rows", pass)
	out.figure(fmt.Sprintf("range join, %d of %d days", t.Sample, t.Days), joined)
	ratio := model.Seconds / pass.Seconds
	out.ratio("beside one GROUP BY pass", fmt.Sprintf("%.2f×", ratio), "≤ 2.5×", ratio <= 2.5)
	out.figure(fmt.Sprintf("the same with the public ids, %d of %d days", t.Sample, t.Days), public)
	faster := func(r result) float64 { return r.Seconds / float64(t.Sample) * float64(t.Days) / model.Seconds }
	out.ratio("faster than the range join of all days (scaled)", fmt.Sprintf("%.0f×", faster(joined)), "≥ 300×", faster(joined) >= 300)
	out.ratio("faster than the range join with the public ids", fmt.Sprintf("%.0f×", faster(public)), "≥ 300×", faster(public) >= 300)
	return os.Remove(activityFile(t))
}

// measureReports: the full set of reports of a large organisation, built whole and for two more days: one on which,
// as once a week before, people, accounts and assignments are read, and one on which only events come.
func measureReports(ctx context.Context, s settings, out *table) error {
	t := task{Dir: s.Dir, People: s.scaled(20_000, 40), Apps: 300, Days: 365, Large: true}
	if s.Scale < 0.02 {
		t.Apps, t.Days = 12, 36
	}
	if _, err := run(ctx, with(t, "write history")); err != nil {
		return err
	}
	full, err := run(ctx, with(t, "rebuild"))
	if err != nil {
		return err
	}
	size := fmt.Sprintf("%d people, %d apps, %d days", t.People, t.Apps, t.Days)
	out.figure("all reports rebuilt, "+size, full)
	published, err := run(ctx, with(t, "publish"))
	if err != nil {
		return err
	}
	out.figure("all reports published", published)
	s.Rounds = 1
	whole, err := moreDays(ctx, s, &t)
	if err != nil {
		return err
	}
	out.figure("one more day, with whole sets: transform", whole.transforms[0])
	out.figure("one more day, with whole sets: publish", whole.publishes[0])
	events, err := moreDays(ctx, s, &t)
	if err != nil {
		return err
	}
	out.figure("one more day, of events: transform", events.transforms[0])
	out.figure("one more day, of events: publish", events.publishes[0])
	for _, day := range []struct {
		what    string
		seconds float64
	}{
		{"a day's transform on average of a week, of a full rebuild", (whole.transforms[0].Seconds + 6*events.transforms[0].Seconds) / 7},
		{"a day of events", events.transforms[0].Seconds},
		{"a day with whole sets", whole.transforms[0].Seconds},
	} {
		share := day.seconds / full.Seconds * 100
		out.ratio(day.what, fmt.Sprintf("%.2f %%", share), "< 2 %", share < 2)
	}
	return os.RemoveAll(workspace(t))
}

// newDays are what days that came one by one took, in their order.
type newDays struct{ transforms, publishes []result }

// moreDays has one more day come, and be transformed and published, once a round. The task stands at the last
// of them then.
func moreDays(ctx context.Context, s settings, t *task) (days newDays, err error) {
	for range s.Rounds {
		t.From, t.Days = t.Days, t.Days+1
		if _, err := run(ctx, with(*t, "write history")); err != nil {
			return days, err
		}
		transformed, err := run(ctx, with(*t, "increment"))
		if err != nil {
			return days, err
		}
		published, err := run(ctx, with(*t, "publish"))
		if err != nil {
			return days, err
		}
		days.transforms, days.publishes = append(days.transforms, transformed), append(days.publishes, published)
	}
	return days, nil
}

// measureIncrement: one new day after a short, a year's and a long history of one organisation. After a year
// there are as many report dates as there will ever be.
func measureIncrement(ctx context.Context, s settings, out *table) error {
	t := task{Dir: s.Dir, People: s.scaled(2_000, 40), Apps: s.scaled(60, 12)}
	short, year, long := 90, 365, 730
	if s.Scale < 0.02 {
		short, year, long = 15, 20, 30
	}
	newDay, newDayPublished := map[int]result{}, map[int]result{}
	var rebuilt result
	done := 0
	for _, days := range []int{short, year, long} {
		t.From, t.Days = done, days
		if _, err := run(ctx, with(t, "write history")); err != nil {
			return err
		}
		full, err := run(ctx, with(t, "rebuild"))
		if err != nil {
			return err
		}
		out.figure(fmt.Sprintf("full rebuild, %d people, %d apps, %d days", t.People, t.Apps, days), full)
		rebuilt = full
		if _, err := run(ctx, with(t, "publish")); err != nil { // as every day before has been
			return err
		}
		more, err := moreDays(ctx, s, &t)
		if err != nil {
			return err
		}
		for i, transform := range more.transforms {
			more.publishes[i].Seconds += transform.Seconds
		}
		newDay[days], newDayPublished[days] = median(more.transforms), median(more.publishes)
		out.figure(fmt.Sprintf("one more day after %d days: transform", days), newDay[days])
		out.figure(fmt.Sprintf("one more day after %d days: transform and publish", days), newDayPublished[days])
		done = t.Days
	}
	for _, before := range []int{short, year} {
		growth := newDay[long].Seconds / newDay[before].Seconds
		out.ratio(fmt.Sprintf("a day's transform after %d and after %d days", long, before), fmt.Sprintf("%.2f×", growth), "≤ 1.2×", growth <= 1.2)
		growth = newDayPublished[long].Seconds / newDayPublished[before].Seconds
		out.ratio("the same with publishing", fmt.Sprintf("%.2f×", growth), "≤ 1.2×", growth <= 1.2)
	}
	share := newDay[long].Seconds / rebuilt.Seconds * 100
	out.ratio("a day's transform, of a full rebuild", fmt.Sprintf("%.2f %%", share), "< 2 %", share < 2)
	return os.RemoveAll(workspace(t))
}
