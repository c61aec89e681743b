package pipelines

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/file"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

// ErrNothingHeld tells that there is nothing to accept.
var ErrNothingHeld = errors.New("nothing of it is held back, gone from the lake or lacking rows, so there is nothing to accept; nothing was changed")

func connectionOf(what string) string {
	connection, _, _ := strings.Cut(what, "/")
	return connection
}

// lost lists the streams that are gone from the lake and that a person says are.
func (r *Runner) lost(accept string, known lake.Heads) ([]string, error) {
	if accept == "" {
		return nil, nil
	}
	return r.Lake.Lost(known, accept)
}

// accept has what is held of a connection, or of one of its streams, count, and what is gone from the lake count as gone.
// It says how much that is.
func (r *Runner) accept(req *Request, run *Run) (string, error) {
	lost, err := r.acceptLoss(req, run)
	if err != nil {
		return "", err
	}
	connection, only, _ := strings.Cut(req.Accept, "/")
	names, err := r.Lake.Streams(connection)
	if err != nil {
		return "", err
	}
	var said []string
	for _, name := range lost {
		said = append(said, name+": gone from the lake; what it brought counts no more")
	}
	for _, name := range names {
		if only != "" && name != only {
			continue
		}
		lists, result, err := r.acceptStream(connection, name, run.ID)
		if err != nil {
			return "", err
		}
		for _, l := range lists {
			said = append(said, fmt.Sprintf("%s/%s: %s", connection, name, l))
		}
		if result != nil {
			run.Streams = append(run.Streams, *result)
		}
	}
	if len(said) == 0 {
		return "", fmt.Errorf("%s: %w", req.Accept, ErrNothingHeld)
	}
	return "accepted " + strings.Join(said, "\naccepted "), r.noteLake()
}

func (r *Runner) acceptStream(connection, stream, runID string) ([]extract.Accepted, *extract.StreamResult, error) {
	st, err := r.Lake.Stream(connection, stream)
	if err != nil {
		return nil, nil, err
	}
	last, err := st.Last()
	if err != nil || last == nil {
		return nil, nil, err
	}
	if last.Connector == config.FileConnector {
		return file.Accept(r.Lake, connection, stream, runID, r.Clock)
	}
	return extract.Accept(r.Lake, connection, stream, runID, r.Clock.Now())
}

// acceptLoss has streams whose folders are gone be missed no more. Their rows leave the reports as everything is built anew.
func (r *Runner) acceptLoss(req *Request, run *Run) ([]string, error) {
	path := lake.HeadsPath(r.Config.Workspace)
	known, err := lake.ReadHeads(path)
	if err != nil {
		return nil, err
	}
	lost, err := r.lost(req.Accept, known)
	if err != nil || len(lost) == 0 {
		return nil, err
	}
	connection := connectionOf(req.Accept)
	if err := extract.AcceptLoss(r.Lake, connection, run.ID, r.Clock.Now()); err != nil {
		return nil, err
	}
	if err := known.Without(lost...).Write(path); err != nil {
		return nil, err
	}
	req.FullRefresh = true
	i := slices.IndexFunc(r.Config.Connections, func(c config.Connection) bool { return c.Name == connection })
	for _, name := range lost {
		s := extract.StreamResult{Connection: connection, Stream: strings.TrimPrefix(name, connection+"/"), State: extract.StreamNotConnected,
			Error: "what it had brought was gone from the lake, which was accepted; not read since"}
		if i >= 0 {
			s.Connector = r.Config.Connections[i].Connector
		}
		run.Streams = append(run.Streams, s)
	}
	return lost, nil
}

// accepted puts into an error of a run that accepted something that this stays so; nil stays nil.
func accepted(run *Run, err error) error {
	if err == nil {
		return nil
	}
	for _, s := range run.Stages {
		if s.Name == "accept" && s.Outcome == StageOK {
			return fmt.Errorf("%s. That stays so, but the reports could not be published with it: %w\nMend that, then run `rightseat run`; there is no need to accept it again", s.Detail, err)
		}
	}
	return err
}
