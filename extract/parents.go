package extract

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/excerpt"
	"github.com/rightseat/rightseat/internal/jsonraw"
	"github.com/rightseat/rightseat/internal/lake"
)

// parent is a record that a child stream is asked for: its id and what of its payload the
// child's request uses.
type parent struct {
	id   string
	name string // what people call it; may be empty
	vars map[string]string
}

// value gives what a name such as parent.id or parent.a.b stands for; false without a parent.
func (p *parent) value(name string) (string, bool) {
	switch {
	case p == nil:
		return "", false
	case name == "parent.id":
		return p.id, true
	}
	return p.vars[name], true
}

// newestSnapshot finds the last whole snapshot of a stream; nil when there is none.
func newestSnapshot(st *lake.Stream) (*lake.Snapshot, error) {
	last, err := st.Last()
	if err != nil || last == nil {
		return nil, err
	}
	for seq := last.Seq; seq > 0; seq-- {
		c, err := st.Commit(seq)
		if err != nil {
			return nil, err
		}
		if n := len(c.Snapshots); n > 0 {
			return &c.Snapshots[n-1], nil
		}
	}
	return nil, nil
}

// parents lists the parent records of a round. The same set always gives the same list.
func (p *plan) parents(st *lake.Stream, set *parentSet, from, to time.Time) ([]parent, error) {
	l := &parentList{plan: p, seen: map[string]int{}}
	if set.New {
		l.versions = map[string]version{}
	}
	if !p.parent.isSnapshot() {
		commits, err := st.After(set.After)
		if err != nil {
			return nil, err
		}
		for _, c := range commits {
			if c.Seq > set.To {
				break
			}
			if err := l.addFiles(st, c.Files, from, to); err != nil {
				return nil, err
			}
		}
		return l.parents, l.dropKnown(st, set.After)
	}
	for _, id := range set.Snapshots {
		start := len(l.parents)
		if err := l.addSnapshot(st, id); err != nil {
			return nil, err
		}
		slices.SortFunc(l.parents[start:], func(a, b parent) int { return strings.Compare(a.id, b.id) })
	}
	return l.parents, nil
}

// addSnapshot adds a snapshot's records. Where a list in it is not whole, those of the last whole one count.
func (l *parentList) addSnapshot(st *lake.Stream, id string) error {
	files, snapshot, err := snapshotFiles(st, id)
	if err != nil {
		return err
	}
	kept := map[string]map[string]bool{} // by snapshot, the lists that are taken from it
	unread := map[string]bool{}
	for _, u := range snapshot.Unread {
		unread[u.Parent] = true
		if kept[u.Kept] == nil {
			kept[u.Kept] = map[string]bool{}
		}
		kept[u.Kept][u.Parent] = true
	}
	add := func(files []lake.DataFile, wanted func(parent string) bool) error {
		return eachIn(st, files, time.Time{}, time.Time{}, func(r lake.Row) error {
			if wanted(r.ParentID) {
				l.add(r)
			}
			return nil
		})
	}
	if err := add(files, func(parent string) bool { return !unread[parent] }); err != nil {
		return err
	}
	delete(kept, "")
	for _, from := range slices.Sorted(maps.Keys(kept)) {
		files, _, err := snapshotFiles(st, from)
		if err != nil {
			return err
		}
		if err := add(files, func(parent string) bool { return kept[from][parent] }); err != nil {
			return err
		}
	}
	return nil
}

// snapshotFiles gives the data files of a whole snapshot, and what its last commit says of it. Its commits stand
// together, but for one that says it anew.
func snapshotFiles(st *lake.Stream, id string) ([]lake.DataFile, *lake.Snapshot, error) {
	last, err := st.Last()
	if err != nil || last == nil {
		return nil, nil, err
	}
	var files []lake.DataFile
	var found *lake.Snapshot
	for seq := last.Seq; seq > 0; seq-- {
		c, err := st.Commit(seq)
		if err != nil {
			return nil, nil, err
		}
		completes := slices.IndexFunc(c.Snapshots, func(s lake.Snapshot) bool { return s.ID == id })
		if found != nil && len(c.Snapshots) > 0 && completes < 0 {
			break
		}
		if found == nil && completes >= 0 {
			found = &c.Snapshots[completes]
		}
		for _, f := range c.Files {
			if f.SnapshotID == id {
				files = append(files, f)
			}
		}
	}
	if found == nil {
		return nil, nil, fmt.Errorf("snapshot %s of the parent stream is no longer in the lake", id)
	}
	slices.Reverse(files)
	return files, found, nil
}

type parentList struct {
	plan    *plan
	parents []parent
	seen    map[string]int // place in parents as they were added, by id
	// versions of the parents, by id; nil when all of them are wanted.
	versions map[string]version
}

// version tells one state of a parent record from another.
type version struct {
	eventAt time.Time
	hash    [sha256.Size]byte
}

func versionOf(r lake.Row) version { return version{r.EventAt, sha256.Sum256(r.Payload)} }

// dropKnown leaves out the parents that a commit up to seq holds in the same version. It goes
// back no further than their own times reach, in memory of the size of their list; a parent
// without a time, or one it does not get to, is merely asked for once more.
func (l *parentList) dropKnown(st *lake.Stream, seq int64) error {
	from, to := l.span()
	if from.IsZero() {
		return nil
	}
	known := map[string]bool{}
	for ; seq > 0; seq-- {
		c, err := st.Commit(seq)
		if err != nil {
			return err
		}
		if c.State == lake.Complete && c.Watermark != nil && c.Watermark.Before(from) {
			break // that round, and so each before it, ended earlier
		}
		err = eachIn(st, c.Files, from, to, func(r lake.Row) error {
			if v, ok := l.versions[r.RecordID]; ok && v == versionOf(r) {
				known[strings.Clone(r.RecordID)] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	l.parents = slices.DeleteFunc(l.parents, func(p parent) bool { return known[p.id] })
	return nil
}

// span is the range [from, to) of the parents' times; zero when none has one.
func (l *parentList) span() (from, to time.Time) {
	for _, v := range l.versions {
		if v.eventAt.IsZero() {
			continue
		}
		if from.IsZero() || v.eventAt.Before(from) {
			from = v.eventAt
		}
		if !v.eventAt.Before(to) {
			to = v.eventAt.Add(time.Microsecond) // what the lake's times are exact to
		}
	}
	return from, to
}

// addFiles adds the records of data files; with a range, those whose time is in [from, to).
func (l *parentList) addFiles(st *lake.Stream, files []lake.DataFile, from, to time.Time) error {
	return eachIn(st, files, from, to, func(r lake.Row) error {
		l.add(r)
		return nil
	})
}

// eachIn visits the rows of data files; with a range, those whose time is in [from, to).
func eachIn(st *lake.Stream, files []lake.DataFile, from, to time.Time, visit func(lake.Row) error) error {
	for _, f := range files {
		if !from.IsZero() && (f.MaxEventAt == nil || f.MaxEventAt.Before(from) || !f.MinEventAt.Before(to)) {
			continue
		}
		err := st.Read(f, func(r lake.Row) error {
			if from.IsZero() || !r.EventAt.Before(from) && r.EventAt.Before(to) {
				return visit(r)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// add takes a record that has an id of its own and that the manifest's conditions let through.
func (l *parentList) add(r lake.Row) {
	at, seen := l.seen[r.RecordID]
	if strings.HasPrefix(r.Issue, checkMissingID) || seen && l.versions == nil || !l.plan.wants(r.Payload) {
		return
	}
	if seen { // a later version
		id := l.parents[at].id
		l.parents[at], l.versions[id] = l.plan.newParent(id, r.Payload), versionOf(r)
		return
	}
	id := strings.Clone(r.RecordID)
	l.seen[id] = len(l.parents)
	l.parents = append(l.parents, l.plan.newParent(id, r.Payload))
	if l.versions != nil {
		l.versions[id] = versionOf(r)
	}
}

func (p *plan) newParent(id string, payload []byte) parent {
	out := parent{id: id}
	if p.parentName != nil {
		name, _ := p.parentName.Text(payload)
		out.name = excerpt.Line(name, shortText)
	}
	for name, path := range p.parentVars {
		if out.vars == nil {
			out.vars = map[string]string{}
		}
		out.vars[name], _ = path.Text(payload)
	}
	return out
}

// wants tells whether a parent's payload meets all conditions of for_each.where.
func (p *plan) wants(payload []byte) bool {
	for _, c := range p.where {
		ok := false
		// The only error is the one that ends the walk early.
		_ = c.path.Each(payload, func(v []byte) error {
			text, _ := jsonraw.Text(v)
			ok = ok || slices.Contains(c.values, text)
			return nil
		})
		if !ok {
			return false
		}
	}
	return true
}
