package transform_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestASeedMeansOneOrganisation holds what makes organisations up to its seed alone: a failure must
// come back, and a test that asks for variety must not depend on luck.
func TestASeedMeansOneOrganisation(t *testing.T) {
	t.Parallel()
	for name, invent := range map[string]func(r *rand.Rand) any{
		"history":      func(r *rand.Rand) any { return randomHistory(r) },
		"organisation": func(r *rand.Rand) any { return randomOrganisation(r) },
		"compared":     func(r *rand.Rand) any { return randomCompared(r) },
		"seats":        func(r *rand.Rand) any { return randomSeatOrg(r) },
		"spend":        func(r *rand.Rand) any { return randomSpend(r, 200) },
		"agreements":   func(r *rand.Rand) any { return randomAgreements(r) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(20) {
				require.Equal(t, invent(rand.New(rand.NewPCG(seed, 1))), invent(rand.New(rand.NewPCG(seed, 1))))
			}
		})
	}
}
