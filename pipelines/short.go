package pipelines

import "github.com/rightseat/rightseat/extract"

// shortStreams are the streams that the newest transform found short: that of the current run, if it had one, else of
// the ledger's.
func shortStreams(ledger *Ledger, current *Run) (short []ShortStream, err error) {
	if current != nil && transformed(current) {
		return current.Short, nil
	}
	err = ledger.Newest(func(r *Run) bool {
		if !transformed(r) {
			return true
		}
		short = r.Short
		return false
	})
	return short, err
}

func transformed(r *Run) bool {
	for _, s := range r.Stages {
		if s.Name == "transform" && s.Outcome == StageOK {
			return true
		}
	}
	return false
}

// markShort puts short streams in error, and marks what is derived from them.
func markShort(health []StreamHealth, short []ShortStream) {
	for _, s := range short {
		for i := range health {
			h := &health[i]
			if h.Connection != s.Connection || h.Stream != s.Stream {
				continue
			}
			if h.Error != "" {
				h.Error += "; "
			}
			h.State, h.IsStale, h.CountsForExit = ErrorState, true, true
			h.Error += s.Problem + ". " + s.Remedy
		}
	}
}

// shortProblems are what short streams make incomplete.
func shortProblems(short []ShortStream) []Problem {
	var ps []Problem
	for _, s := range short {
		ps = append(ps, Problem{Connection: s.Connection, Stream: s.Stream, Kind: string(extract.StreamIncomplete), Reason: s.Problem, Fix: "Numbers from it are marked stale. " + s.Remedy})
	}
	return ps
}
