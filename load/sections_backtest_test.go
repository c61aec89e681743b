package load

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBacktestWords(t *testing.T) {
	t.Parallel()
	for bias, want := range map[float64]string{0: "as many as there are", -0.04: "as many as there are", -9.14: "9.1 % too low", 14: "14.0 % too high"} {
		assert.Equal(t, want, inWords(bias))
	}
	for _, tc := range []struct{ rule, idp, want string }{
		{"engaged_120d", "", "People active in the app"},
		{"sso_login_120d", "entra_id", "People who signed in through Entra ID"},
		{"sso_login_120d", "", "People who signed in through an identity provider"},
		{"sso_login_120d", "our_own", "People who signed in through our own"},
		{"sso_assigned", "onelogin", "People assigned in OneLogin"},
		{"another", "okta", "another"},
	} {
		assert.Equal(t, tc.want, ruleLabel(tc.rule, tc.idp))
	}
	assert.Equal(t, "−9.1 %", signed(row{"b": -9.14}, "b"))
	assert.Equal(t, "+0.0 %", signed(row{"b": 0.0}, "b"))
	assert.Equal(t, unknown, signed(row{"b": nil}, "b"))
}

func TestBias(t *testing.T) {
	t.Parallel()
	r := func(bias float64, days int64) row {
		return row{"bias_pct": bias, "window_days": days, "comparisons": int64(1), "instances": int64(2), "median_error_pct": 3.0}
	}
	low := makeBias(r(-25, 30), 50)
	assert.Equal(t, bias{Window: "30 days", Words: "25.0 % too low", Left: "25.0", Width: "25.0", Detail: "typically off by 3.0 %; 1 comparison of 2 instances"}, low)
	high := makeBias(r(50, 0), 50)
	assert.Equal(t, []string{"that day", "50.0", "50.0"}, []string{high.Window, high.Left, high.Width})
	assert.Equal(t, "0.3", makeBias(r(0, 30), 50).Width, "no bias still shows")
}
