package file_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/preset"
)

// summary is what lands of a file of spend: "date amount currency vendor" of the good rows, and the reasons of the others.
func summary(w *world) (good []string, left map[string]int64) {
	rows, payloads := w.rows(), w.payloads()
	for i, p := range payloads {
		if rows[i].Issue == nil {
			good = append(good, fmt.Sprint(p["date"], " ", p["amount"], " ", p["currency"], " ", p["vendor"]))
		}
	}
	left = map[string]int64{}
	for _, c := range w.commits() {
		for _, is := range c.Issues {
			left[is.Check] += is.Rows
		}
	}
	return good, left
}

// TestFilesAsBanksWriteThem reads a file of each form that presets know, in the bank's own headers, signs and extras.
func TestFilesAsBanksWriteThem(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		preset string
		more   map[string]any
		good   []string
		left   map[string]int64
	}{
		"amex-us.csv": {"amex", nil, []string{"2026-11-03 149.90 USD ZOOM.US 888-799-9666 SAN JOSE CA", "2026-11-09 -12.50 USD SLACK T02ABCDEF CREDIT"},
			map[string]int64{"left_out_payment": 1}},
		"amex-uk.csv":    {"amex", nil, []string{"2026-11-03 21.00 GBP MIRO.COM AMSTERDAM"}, map[string]int64{"left_out_payment": 1}},
		"amex-de.csv":    {"amex", nil, []string{"2026-11-03 1149.50 EUR FIGMA INC SAN FRANCISCO"}, map[string]int64{"left_out_payment": 1}},
		"amex-short.csv": {"amex", map[string]any{"currency": "USD", "date_format": "MM/DD/YYYY"}, []string{"2026-11-13 96.00 USD NOTION LABS INC"}, map[string]int64{}},
		"chase-card.csv": {"chase", nil, []string{"2026-11-03 84.00 USD GITHUB INC", "2026-11-03 84.00 USD GITHUB INC", "2026-11-07 -15.00 USD FIGMA"},
			map[string]int64{"left_out_payment": 1}},
		"chase-checking.csv": {"chase", nil, []string{"2026-11-03 149.90 USD ORIG CO NAME:ZOOM VIDEO"},
			map[string]int64{"left_out_top_up": 1, "left_out_transfer": 1}},
		"barclays.csv":       {"barclays", nil, []string{"2026-11-03 42.00 GBP DROPBOX DUBLIN           ON 02 NOV BCC"}, map[string]int64{"left_out_top_up": 1}},
		"barclaycard-us.csv": {"barclays", nil, []string{"2026-11-03 120.00 USD LINEAR ORBIT INC"}, map[string]int64{"left_out_payment": 1}},
		"n26.csv":            {"n26", nil, []string{"2026-11-03 19.20 EUR MIRO.COM"}, map[string]int64{"left_out_transfer": 1}},
		"n26-de.csv":         {"n26", nil, []string{"2026-11-03 87.5 EUR SLACK"}, map[string]int64{"left_out_transfer": 1}},
		"revolut.csv": {"revolut", nil, []string{"2026-11-03 49.00 EUR Figma", "2026-11-08 -9.00 EUR Figma"},
			map[string]int64{"left_out_top_up": 1, "left_out_reversal": 1, "left_out_pending": 1, "left_out_exchange": 1}},
		"revolut-business.csv": {"revolut", nil, []string{"2026-11-04 19.40 EUR Miro"}, map[string]int64{"left_out_top_up": 1, "left_out_declined": 1}},
		"dkb.csv":              {"dkb", nil, []string{"2026-11-03 1158.00 EUR Personio SE & Co. KG"}, map[string]int64{"left_out_top_up": 1, "left_out_pending": 1}},
		"dkb-card-old.csv":     {"dkb", nil, []string{"2026-11-03 120.00 EUR ATLASSIAN AMSTERDAM"}, map[string]int64{"left_out_payment": 1}},
		"brex.csv":             {"brex", nil, []string{"2026-11-03 1140.00 USD Figma"}, map[string]int64{"left_out_pending": 1}},
		"ramp.csv":             {"ramp", nil, []string{"2026-11-03 29.00 USD Superhuman"}, map[string]int64{"left_out_declined": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]any{"kind": "spend", "path": name, "preset": tc.preset}
			for k, v := range tc.more {
				settings[k] = v
			}
			w := newWorld(t, settings)
			text, err := os.ReadFile(filepath.Join("testdata", "presets", name))
			require.NoError(t, err)
			w.put(name, string(text))
			checked, err := w.reader().Check(t.Context())
			require.NoError(t, err)
			require.NoError(t, checked[0].Err)
			res := w.read()
			require.NoError(t, res.Err)
			good, left := summary(w)
			assert.Equal(t, tc.good, good)
			assert.Equal(t, tc.left, left)
			assert.Zero(t, res.Issues, "what is left out is not bad")
			ids := map[any]bool{}
			for _, p := range w.payloads() {
				ids[p["transaction_id"]] = true
			}
			assert.Len(t, ids, len(w.payloads()), "each line has an id of its own")

			// Without the preset the file is refused with the preset that would read it, where only one does.
			delete(w.conn.Settings, "preset")
			w.put(name, string(text)+"\n")
			assert.Error(t, w.read().Err)
		})
	}
}

func TestEachPresetIsSound(t *testing.T) {
	t.Parallel()
	tested, err := filepath.Glob(filepath.Join("testdata", "presets", "*.csv"))
	require.NoError(t, err)
	for _, p := range preset.All() {
		assert.NotEmpty(t, p.Title, p.Name)
		for _, v := range p.Variants {
			got, ok := p.Match(v.Headers)
			require.True(t, ok)
			assert.Equal(t, v.Name, got.Name, "%s: an earlier form takes the files of this one", p.Name)
			for _, r := range v.LeaveOut {
				assert.NotEmpty(t, r.Values, "%s, %s", p.Name, v.Name)
				assert.Contains(t, []string{"payment", "top_up", "transfer", "exchange", "reversal", "declined", "pending"}, r.Reason)
			}
			for header, column := range v.Columns {
				assert.Contains(t, []string{"transaction_id", "date", "amount", "currency", "vendor", "type", "payer_email", "department", "category", "memo", "-"}, column, header)
			}
			assert.Contains(t, []string{"charges_positive", "charges_negative"}, v.Sign, "%s, %s", p.Name, v.Name)
		}
	}
	assert.GreaterOrEqual(t, len(tested), len(preset.All()))
}

func TestAPresetSaysWhichFilesItKnows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "x.csv", "preset": "dkb"})
	w.put("x.csv", "When,What\n2026-11-01,Zoom\n")
	assert.ErrorContains(t, w.read().Err, `preset dkb knows no file with these headers: "When", "What"; it knows Girokonto, since 2023 (Buchungsdatum,`)
	w.conn.Settings["preset"] = "dbk"
	_, err := newReader(w)
	assert.ErrorContains(t, err, "did you mean dkb?")
	w.conn.Settings = map[string]any{"kind": "spend", "path": "x.csv"}
	w.put("x.csv", "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n")
	assert.ErrorContains(t, w.read().Err, "set preset: revolut")
}
