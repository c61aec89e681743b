package extract

import (
	"fmt"
	"slices"
)

// findingRound is the name of the finding that a list ended at a round number.
const findingRound = "round_length"

// roundLength says something of a list that ended, by the vendor's own sign, at a number at which vendors cut lists off
// without a word; "" for any other.
func roundLength(records int64) string {
	lead := records
	for lead%10 == 0 && lead > 0 {
		lead /= 10
	}
	if records < 1000 || !slices.Contains([]int64{1, 2, 5}, lead) {
		return ""
	}
	return fmt.Sprintf("a list ended after exactly %d records, without a sign that there is more: some vendors give no more than that. Compare it with what the vendor shows", records)
}
