package httpapi

import "context"

const (
	// smallPage is what any JSON page may take of memory without asking.
	smallPage = 4 << 20
	// DefaultLargePages is how many larger ones there may be at once.
	DefaultLargePages = 4
)

// Memory bounds what the JSON pages of everything that shares it take together: each worker's page
// up to a few megabytes, and a few pages beyond. It is safe for concurrent use.
type Memory struct{ large chan struct{} }

// NewMemory lets so many large pages be held at once.
func NewMemory(largePages int) *Memory { return &Memory{large: make(chan struct{}, largePages)} }

// acquire waits until one more large page may be held. Nobody waits for anything else while holding
// one than for its records to be written, so the wait ends.
func (m *Memory) acquire(ctx context.Context) error {
	select {
	case m.large <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (m *Memory) release() { <-m.large }
