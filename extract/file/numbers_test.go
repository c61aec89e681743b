package file

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in           string
		point, comma string // "" : refused
	}{
		{"0", "0", "0"},
		{"12", "12", "12"},
		{"0012.50", "12.50", ""},
		{".5", "0.5", ""},
		{"5.", "5", ""},
		{"19.99", "19.99", ""},
		{"1.0845", "1.0845", ""},
		{"0.123", "0.123", "123"},
		{"1.234", "1.234", "1234"},
		{"1,234", "1234", "1.234"},
		{"12,5", "", "12.5"},
		{"1234,567", "", "1234.567"},
		{"1,234.50", "1234.50", ""},
		{"1.234,50", "", "1234.50"},
		{"1.234.567", "", "1234567"},
		{"1,234,567", "1234567", ""},
		{"1.234.567,8", "", "1234567.8"},
		{"1'234.50", "1234.50", ""},
		{"1 234,50", "", "1234.50"},
		{"1\u00a0234,50", "", "1234.50"},
		{"(1,234.50)", "-1234.50", ""},
		{"($1,234.50)", "-1234.50", ""},
		{"-5", "-5", "-5"},
		{"−5", "-5", "-5"},
		{"5-", "-5", "-5"},
		{"+5", "5", "5"},
		{"-$5.20", "-5.20", ""},
		{"$-5.20", "-5.20", ""},
		{"€ 12,50", "", "12.50"},
		{"12,50 €", "", "12.50"},
		{"-0.00", "0.00", ""},
		{"99999999999999", "99999999999999", "99999999999999"},
		{"100000000000000000", "100000000000000000", "100000000000000000"},
		{"(-5)", "", ""},
		{"--5", "", ""},
		{"(5", "", ""},
		{"1,23,456", "", ""},
		{"1.2.3", "", ""},
		{"1,234.567,8", "", ""},
		{"12 34", "", ""},
		{"1.234,50,2", "", ""},
		{"1e5", "", ""},
		{"12 USD", "12", "12"},
		{"abc", "", ""},
		{"-", "", ""},
		{"$", "", ""},
		{"", "", ""},
		{",", "", ""},
		{"'5", "5", "5"},
		{"1,,234", "", ""},
	} {
		t.Run(tc.in, func(t *testing.T) {
			t.Parallel()
			for comma, want := range map[bool]string{false: tc.point, true: tc.comma} {
				got, err := parseDecimal(tc.in, comma)
				if want == "" {
					assert.Error(t, err, "comma %v: %s", comma, got)
					continue
				}
				require.NoError(t, err, "comma %v", comma)
				assert.Equal(t, want, got, "comma %v", comma)
			}
		})
	}
}

func TestParseInteger(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, point, comma string }{
		{"5", "5", "5"},
		{"5.0", "5", ""},
		{"5,0", "", "5"},
		{"1,234", "1234", ""},
		{"1.234", "", "1234"},
		{"1,234,567", "1234567", ""},
		{"5.5", "", ""},
		{"007", "7", "7"},
		{"1,234.00", "1234", ""},
	} {
		t.Run(tc.in, func(t *testing.T) {
			t.Parallel()
			for comma, want := range map[bool]string{false: tc.point, true: tc.comma} {
				got, err := parseInteger(tc.in, comma)
				if want == "" {
					assert.Error(t, err, "comma %v: %s", comma, got)
					continue
				}
				require.NoError(t, err, "comma %v", comma)
				assert.Equal(t, want, got, "comma %v", comma)
			}
		})
	}
}

func TestJSONNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"12": "12", "-1.50": "-1.50", "1.5E+3": "1500", "9007199254740993": "9007199254740993", "1e-3": "0.001", "0": "0",
	} {
		got, err := jsonNumber(in)
		require.NoError(t, err, in)
		assert.Equal(t, want, got, in)
	}
	for _, in := range []string{"1e400", "NaN", "", "-", "1.2.3"} {
		_, err := jsonNumber(in)
		assert.Error(t, err, in)
	}
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"1,234.50", "1.234,50", "(1)", "€5-", "1'000", "+.5", "−1"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, european bool) {
		got, err := parseDecimal(text, european)
		if err != nil {
			return
		}
		if _, ok := new(big.Rat).SetString(got); !ok {
			t.Fatalf("%q became %q, which is no plain number", text, got)
		}
		again, err := parseDecimal(got, false)
		if err == nil && again != got {
			t.Fatalf("%q became %q, then %q", text, got, again)
		}
	})
}
