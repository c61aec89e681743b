// Package progress shows how far a run has come: bars on a terminal, nothing elsewhere. What a log
// should keep is logged, not shown as progress.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/rightseat/rightseat/internal/table"
)

// Reporter is told about streams and models. It is safe for concurrent use. Close ends the
// display; it may be called more than once.
type Reporter interface {
	// Stream tells how many rows and pages a stream has brought so far in this run.
	Stream(connection, stream string, rows, pages int64, done bool)
	// Model tells that done of total models are built; model is the one now at work.
	Model(done, total int, model string)
	Close()
}

// Silent shows nothing.
type Silent struct{}

// Stream implements [Reporter].
func (Silent) Stream(string, string, int64, int64, bool) {}

// Model implements [Reporter].
func (Silent) Model(int, int, string) {}

// Close implements [Reporter].
func (Silent) Close() {}

// Bars draws one line per stream that is being read and a bar for the models. Streams that
// are done make way.
type Bars struct {
	mu      sync.Mutex
	p       *mpb.Progress
	streams map[string]*streamBar
	models  *mpb.Bar
	model   string
	closed  bool
}

type streamBar struct {
	bar         *mpb.Bar
	rows, pages int64
}

// NewBars draws on the terminal w.
func NewBars(w io.Writer) *Bars {
	return &Bars{
		p:       mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithRefreshRate(150*time.Millisecond), mpb.WithAutoRefresh()),
		streams: map[string]*streamBar{},
	}
}

// Stream implements [Reporter].
func (b *Bars) Stream(connection, stream string, rows, pages int64, done bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	key := connection + "/" + stream
	s, ok := b.streams[key]
	if !ok {
		if done {
			return
		}
		s = &streamBar{}
		s.bar = b.p.New(0, mpb.SpinnerStyle(), mpb.BarRemoveOnComplete(),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.caption(key, s) })))
		b.streams[key] = s
	}
	s.rows, s.pages = rows, pages
	if done {
		s.bar.SetTotal(s.bar.Current(), true)
		delete(b.streams, key)
	}
}

func (b *Bars) caption(key string, s *streamBar) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return table.Printable(fmt.Sprintf("%s  %d rows  %d pages", key, s.rows, s.pages))
}

// Model implements [Reporter].
func (b *Bars) Model(done, total int, model string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || total == 0 {
		return
	}
	if b.models == nil {
		b.models = b.p.AddBar(int64(total), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name("models "), decor.CountersNoUnit("%d/%d ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
				b.mu.Lock()
				defer b.mu.Unlock()
				return b.model
			})))
	}
	b.model = table.Printable(model)
	b.models.SetCurrent(int64(done))
}

// Close implements [Reporter]. It waits until the last picture is drawn.
func (b *Bars) Close() {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.closed = true
	bars := []*mpb.Bar{}
	for _, s := range b.streams {
		bars = append(bars, s.bar)
	}
	if b.models != nil {
		bars = append(bars, b.models)
	}
	b.mu.Unlock()
	for _, bar := range bars {
		bar.Abort(true)
	}
	b.p.Wait()
}
