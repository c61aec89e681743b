package lake

import (
	"errors"
	"fmt"
	"time"
)

// ErrPast is returned by what would write to a view made by [Store.At].
var ErrPast = errors.New("the lake of a past instant can only be read")

// At is a view on the lake as it was at an instant: of each stream it shows the commits up to the
// newest one that had been made by then, the instant included, and so the watermark, the
// snapshots and the counts of then. Connections and streams that had none do not show. What a
// connection brought that was forgotten since is gone from the past, too. The view can't be written to,
// and a view on it shows no more than it does.
func (s *Store) At(instant time.Time) *Store {
	if s.isPast() && s.until.Before(instant) {
		instant = s.until
	}
	return &Store{root: s.root, until: instant}
}

// isPast tells whether the store is such a view.
func (s *Store) isPast() bool { return !s.until.IsZero() }

// connectionsThen keeps the connections that had a stream.
func (s *Store) connectionsThen(names []string) ([]string, error) {
	var kept []string
	for _, c := range names {
		streams, err := s.Streams(c)
		if err != nil {
			return nil, err
		}
		if len(streams) > 0 {
			kept = append(kept, c)
		}
	}
	return kept, nil
}

// streamsThen keeps the streams that had a commit.
func (s *Store) streamsThen(connection string, names []string) ([]string, error) {
	var kept []string
	for _, n := range names {
		st, err := s.Stream(connection, n)
		if err != nil {
			return nil, err
		}
		seqs, err := st.seqs()
		if err != nil {
			return nil, err
		}
		if len(seqs) > 0 {
			kept = append(kept, n)
		}
	}
	return kept, nil
}

// seqsThen cuts off the commits that were made later. It looks from the newest one back, so that a
// single commit made under a clock that was wrong hides none of those before it.
func (st *Stream) seqsThen(seqs []int64) ([]int64, error) {
	for n := len(seqs); n > 0; n-- {
		c, err := st.read(seqs[n-1])
		if err != nil {
			return nil, err
		}
		if !c.CommittedAt.After(st.store.until) {
			return seqs[:n], nil
		}
	}
	return nil, nil
}

func (s *Store) refusePast(what string) error {
	if !s.isPast() {
		return nil
	}
	return fmt.Errorf("%s: %w", what, ErrPast)
}
