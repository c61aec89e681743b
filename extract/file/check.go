package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rightseat/rightseat/extract"
)

const (
	checkRows  = 100
	checkBytes = 64 << 20
	// checkSurvey is how many rows of a file its columns are judged by.
	checkSurvey = 200_000
)

// Check opens every file, checks its header and its first rows, and writes nothing. Rows and
// Issues count what was looked at. A file none of whose first rows can be used fails.
func (r *Reader) Check(ctx context.Context) ([]extract.StreamResult, error) {
	start := time.Now()
	res := r.result()
	res.State = extract.StreamComplete
	files, err := r.inputs()
	r.surveyRows = checkSurvey
	defer func() { r.surveyRows = 0 }()
	notes := map[string][]note{}
	var all signs
	for _, in := range files {
		told, checkErr := r.check(ctx, in, &res, &all)
		notes[in.name] = told
		if checkErr != nil {
			err = errors.Join(err, fmt.Errorf("file %s: %w", in.name, checkErr))
		}
	}
	if err != nil {
		res.State, res.Err = extract.StreamFailed, r.opts.Config.Secrets.Error(err)
		res.Error = res.Err.Error()
	}
	notes[r.settings.path] = append(notes[r.settings.path], all.ask()...)
	res.Findings = findings(notes)
	res.Took = time.Since(start)
	return []extract.StreamResult{res}, ctx.Err()
}

func (r *Reader) check(ctx context.Context, in input, res *extract.StreamResult, all *signs) (_ []note, err error) {
	fp, err := scan(ctx, in.path, checkBytes)
	if err != nil {
		return nil, err
	}
	src, err := r.openSource(ctx, in, fp)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, src.table.Close()) }()
	res.Pages++
	firstBad, good := "", 0
	for range checkRows {
		rec, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		res.Rows++
		if rec.issue == "" || rec.left {
			good++
			continue
		}
		res.Issues++
		if firstBad == "" {
			firstBad = rec.issue
		}
	}
	if good == 0 && firstBad != "" {
		return nil, fmt.Errorf("none of its first rows can be used; the first one: %s", firstBad)
	}
	all.Negative, all.Positive = all.Negative+src.maker.signs.Negative, all.Positive+src.maker.signs.Positive
	return src.notes(), nil
}
