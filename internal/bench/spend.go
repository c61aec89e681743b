package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/secret"
	"github.com/rightseat/rightseat/internal/statements"
	rightsql "github.com/rightseat/rightseat/sql"
	"github.com/rightseat/rightseat/transform"
)

// quality is how well one half of the labelled texts was told.
type quality struct {
	Lines             int
	Precision, Recall float64
}

// measureSpend: how many of the labelled statement texts are told right, without any rules of a user's,
// and what matching costs for ten times the texts.
func measureSpend(ctx context.Context, s settings, out *table) error {
	t := task{Dir: s.Dir}
	labelled, err := run(ctx, with(t, "match labelled texts"))
	if err != nil {
		return err
	}
	out.figure(fmt.Sprintf("transform of %d labelled statement lines", labelled.Rows), labelled)
	for _, half := range []string{statements.Development, statements.HeldOut} {
		q := labelled.Scores[half]
		name := fmt.Sprintf("%s half, %d lines: ", map[string]string{statements.Development: "development", statements.HeldOut: "held-out"}[half], q.Lines)
		out.ratio(name+"precision", fmt.Sprintf("%.4f", q.Precision), "≥ 0.98", q.Precision >= 0.98)
		out.ratio(name+"recall", fmt.Sprintf("%.4f", q.Recall), "≥ 0.90", q.Recall >= 0.90)
	}
	few, many := t, t
	many.Texts = s.scaled(100_000, 2_000)
	few.Texts = many.Texts / 10
	rs, err := interleaved(ctx, s.Rounds, with(few, "match many texts"), with(many, "match many texts"))
	if err != nil {
		return err
	}
	for i, n := range []int{few.Texts, many.Texts} {
		if err := expect("spend lines", rs[i].Rows, int64(n)); err != nil {
			return err
		}
		out.figure(fmt.Sprintf("transform of %d lines of as many texts", n), rs[i])
	}
	growth := rs[1].Seconds / rs[0].Seconds
	out.ratio("ten times the texts, time", fmt.Sprintf("%.1f×", growth), "≤ 10×", growth <= 10)
	return nil
}

// matchLabelled runs the labelled texts through a whole transform and scores what core.spend makes of them.
func matchLabelled(ctx context.Context, t task) (r result, err error) {
	lines, err := statements.Lines()
	if err != nil {
		return r, err
	}
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.Text
	}
	build, r, err := transformTexts(ctx, t, texts)
	if err != nil {
		return r, err
	}
	answers, vendors := map[string]statements.Meaning{}, map[string]string{}
	err = withDuck(ctx, build, func(db *database) error {
		err := db.triples(ctx, "SELECT vendor_text, coalesce(app_id, ''), coalesce(vendor, '') FROM core.spend", func(text, app, vendor string) {
			answers[text] = statements.Meaning{App: app, Vendor: vendor}
		})
		if err != nil {
			return err
		}
		return db.triples(ctx, "SELECT app_id, vendor, '' FROM seeds.apps", func(app, vendor, _ string) { vendors[app] = vendor })
	})
	if err != nil {
		return r, err
	}
	if err := expect("labelled lines", r.Rows, int64(len(lines))); err != nil {
		return r, err
	}
	r.Scores = map[string]quality{}
	for _, half := range []string{statements.Development, statements.HeldOut} {
		s := statements.Measure(statements.Half(lines, half), answers, func(app string) string { return vendors[app] })
		r.Scores[half] = quality{Lines: s.Lines, Precision: s.Precision(), Recall: s.Recall()}
	}
	return r, nil
}

// matchMany takes the labelled texts in turn, each time with another number behind: as many distinct texts.
func matchMany(ctx context.Context, t task) (r result, err error) {
	lines, err := statements.Lines()
	if err != nil {
		return r, err
	}
	texts := make([]string, t.Texts)
	for i := range texts {
		texts[i] = fmt.Sprintf("%s %d", lines[i%len(lines)].Text, i)
	}
	_, r, err = transformTexts(ctx, t, texts)
	return r, err
}

// transformTexts builds a workspace whose only source is one card line per text. It gives the build file.
func transformTexts(ctx context.Context, t task, texts []string) (build string, r result, err error) {
	dir, err := os.MkdirTemp(t.Dir, "spend-*")
	if err != nil {
		return "", r, err
	}
	day := historyStart
	store := lake.Open(dir)
	stream, err := store.Stream("cards", "spend")
	if err != nil {
		return "", r, err
	}
	b, err := stream.Begin()
	if err != nil {
		return "", r, err
	}
	for i, text := range texts {
		payload, err := json.Marshal(map[string]string{
			"transaction_id": fmt.Sprint(i), "date": day.Format(time.DateOnly), "amount": "1", "currency": "USD", "vendor": text,
		})
		if err != nil {
			return "", r, err
		}
		if err := b.Append(lake.Row{RecordID: fmt.Sprint(i), EventAt: day, ExtractedAt: day, Source: "cards.csv", Payload: payload}); err != nil {
			return "", r, err
		}
	}
	if _, err := b.Commit(lake.Commit{RunID: "bench", Connector: "file", CommittedAt: day, State: lake.Complete, Watermark: &day}); err != nil {
		return "", r, err
	}
	build = filepath.Join(dir, "build.duckdb")
	var log *slog.Logger
	if os.Getenv("BENCH_VERBOSE") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	began := time.Now()
	_, err = transform.Run(ctx, transform.Options{
		Log: log,
		Config: &config.Config{
			Workspace:    dir,
			Organisation: config.Organisation{Name: "Acme", Timezone: time.UTC, Currency: "USD", FiscalYearStart: 1},
			Connections:  []config.Connection{{Name: "cards", Connector: "file", Settings: map[string]any{"kind": "spend", "path": "cards.csv"}}},
			Rightsizing:  config.Rightsizing{InactiveDays: 30, NewUserDays: 60, BufferPercent: 10, LicenceStep: 1},
			Resources:    config.Resources{Memory: memory},
			Secrets:      &secret.Redactor{},
		},
		Lake: store, BuildPath: build, AsOf: day.Format(time.DateOnly), RunID: "bench", Now: day.Add(6 * time.Hour),
		Connectors: map[string]transform.Connector{"cards": {Name: "file", Class: "own"}}, SQL: rightsql.Files,
		Staging: []transform.StagingDir{{Connector: "file", FS: rightsql.Files, Dir: "staging/file"}},
	})
	if err != nil {
		return "", r, err
	}
	r.Seconds, r.Peak = time.Since(began).Seconds(), peak()
	err = withDuck(ctx, build, func(db *database) (err error) {
		r.Rows, err = db.number(ctx, "SELECT count(*) FROM core.spend")
		return err
	})
	return build, r, err
}

// triples calls use with each row of a query of three text columns.
func (db *database) triples(ctx context.Context, query string, use func(a, b, c string)) (err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("%w\nin: %.300s", err, query)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var a, b, c string
		if err := rows.Scan(&a, &b, &c); err != nil {
			return err
		}
		use(a, b, c)
	}
	return rows.Err()
}
