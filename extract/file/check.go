package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/excerpt"
	"github.com/rightseat/rightseat/internal/filekind"
)

const (
	checkBytes = 64 << 20
	// checkRows is how many rows of a file are looked at, and its columns judged by.
	checkRows = 200_000
)

// Check opens every file, checks its header and its rows, up to many, and writes nothing. Rows and Issues count what was looked
// at. It says of rows that can't be used what a run says. A file none of whose rows can be used fails.
func (r *Reader) Check(ctx context.Context) ([]extract.StreamResult, error) {
	start := time.Now()
	res := r.result()
	res.State = extract.StreamComplete
	files, err := r.inputs()
	r.surveyRows = checkRows
	defer func() { r.surveyRows = 0 }()
	notes := map[string][]note{}
	counts := map[string]signs{}
	known, knownErr := r.known()
	err = errors.Join(err, knownErr)
	looked := map[string]fileState{}
	for _, in := range files {
		told, state, checkErr := r.check(ctx, in, known, &res)
		notes[in.name] = told
		if checkErr != nil {
			err = errors.Join(err, fmt.Errorf("file %s: %w", in.name, checkErr))
		}
		if was := known[in.name]; was.SHA256 == state.SHA256 && was.Shape == state.Shape {
			state.Accepted = was.Accepted
		}
		if state.Unusable != "" && !state.Accepted {
			err = errors.Join(err, fmt.Errorf("file %s: %s", in.name, state.Unusable))
		}
		looked[in.name], counts[in.name] = state, state.signs
		if state.Had != nil {
			known[in.name] = state
		}
	}
	if err != nil {
		res.State, res.Err = extract.StreamFailed, r.opts.Config.Secrets.Error(err)
		res.Error = res.Err.Error()
	}
	res.Lacks, res.Fix = r.lacks(looked, nil)
	r.settings.tellSigns(counts, notes)
	res.Findings = findings(notes)
	res.Took = time.Since(start)
	return []extract.StreamResult{res}, ctx.Err()
}

func (r *Reader) check(ctx context.Context, in input, known map[string]fileState, res *extract.StreamResult) (_ []note, state fileState, err error) {
	fp, err := scan(ctx, in.path, checkBytes)
	if err != nil {
		return nil, state, err
	}
	state.SHA256, state.Shape = fp.sha256, r.shape()
	src, err := r.openSource(ctx, in, fp)
	if err != nil {
		return nil, state, err
	}
	defer func() { err = errors.Join(err, src.table.Close()) }()
	res.Pages++
	for range checkRows {
		rec, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, state, err
		}
		if err := ctx.Err(); err != nil {
			return nil, state, err
		}
		res.Rows++
		switch {
		case rec.left:
		case rec.issue == "":
			state.Good++
		default:
			state.Bad++
			if state.FirstBad == "" {
				state.FirstBad = excerpt.Line(rec.issue, firstShown)
			}
		}
	}
	res.Issues += state.Bad
	if state.Good == 0 && state.Bad > 0 {
		state.Unusable = noneUsable(state.Bad, state.FirstBad)
	}
	state.signs = src.maker.signs
	if r.settings.kind.Shape == filekind.Snapshot {
		state.Date = dateInName(path.Base(in.name))
	}
	told, had := r.missed(in.name, state.Date, &src.maker, state.Good, known)
	state.Had = had
	return append(src.notes(), told...), state, nil
}
