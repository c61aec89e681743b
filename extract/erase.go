package extract

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/rightseat/rightseat/internal/erasure"
)

// EraseFromCursor takes texts out of the cursor of a commit, of any kind of connection. A reading under way that asks
// once for each record of another stream begins anew: its place is a number in a list that may be shorter now. A cursor
// in which nothing changes is given back as it is.
func EraseFromCursor(raw json.RawMessage, text func(string) bool) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, fmt.Errorf("the cursor is damaged: %w", err)
	}
	dropped := false
	for _, name := range []string{"round", "backfill"} {
		var under struct {
			Parents json.RawMessage `json:"parents"`
		}
		round, ok := members[name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(round, &under); err != nil {
			return nil, fmt.Errorf("the cursor is damaged: %w", err)
		}
		rest, err := erasure.Scrub(round, text, true)
		if err != nil {
			return nil, err
		}
		if len(under.Parents) > 0 || !bytes.Equal(rest, round) {
			delete(members, name)
			dropped = true
		}
	}
	if dropped {
		out, err := json.Marshal(members)
		if err != nil {
			return nil, fmt.Errorf("write the cursor: %w", err)
		}
		raw = out
	}
	return erasure.Scrub(raw, text, true)
}
