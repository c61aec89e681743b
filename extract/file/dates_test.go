package file

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	return zone
}

func TestDates(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ format, in, want string }{
		{"", "2026-11-01", "2026-11-01"},
		{"", "2026-11-01T23:30:00Z", "2026-11-02"}, // the date in Berlin
		{"", "2026-11-01T23:30:00", "2026-11-01"},
		{"", "2026-11-01 23:30", "2026-11-01"},
		{"", "9999-12-31", "9999-12-31"},
		{"", "2026-02-29", ""},
		{"", "2026-13-01", ""},
		{"", "01/11/2026", ""},
		{"", "20261101", ""},
		{"", "45000", ""},
		{"", "", ""},
		{"DD/MM/YYYY", "01/11/2026", "2026-11-01"},
		{"DD/MM/YYYY", "2026-11-01", "2026-11-01"},
		{"DD/MM/YYYY", "11/31/2026", ""},
		{"MM/DD/YYYY", "11/01/2026", "2026-11-01"},
		{"D.M.YYYY", "1.11.2026", "2026-11-01"},
		{"DD MMM YYYY", "01 Nov 2026", "2026-11-01"},
		{"%d/%m/%y", "01/11/26", "2026-11-01"},
		{"02-Jan-2006", "01-Nov-2026", "2026-11-01"},
		{"YYYYMMDD", "20261101", "2026-11-01"},
		{"YYYY-DD-MM", "2026-01-11", "2026-11-01"},
		{"YYYY-DD-MM", "2026-11-31", ""}, // not read as ISO beside a layout that looks like it
	} {
		t.Run(tc.format+" "+tc.in, func(t *testing.T) {
			t.Parallel()
			p, err := newDateParser(tc.format)
			require.NoError(t, err)
			p.zone = berlin(t)
			got, err := p.date(tc.in)
			assert.Equal(t, tc.want, got)
			assert.Equal(t, tc.want == "", err != nil)
		})
	}
}

func TestTimestamps(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ format, in, want string }{
		{"", "2026-11-01T09:30:00Z", "2026-11-01T09:30:00Z"},
		{"", "2026-11-01T09:30:00.123456789Z", "2026-11-01T09:30:00.123456Z"},
		{"", "2026-11-01T09:30:00+02:00", "2026-11-01T07:30:00Z"},
		{"", "2026-11-01T09:30:00+0200", "2026-11-01T07:30:00Z"},
		{"", "2026-11-01 09:30:00 UTC", "2026-11-01T09:30:00Z"},
		{"", "2026-11-01 09:30:00", "2026-11-01T08:30:00Z"}, // winter in Berlin
		{"", "2026-07-01 09:30:00", "2026-07-01T07:30:00Z"}, // summer
		{"", "2026-11-01 09:30", "2026-11-01T08:30:00Z"},
		{"", "2026-11-01", "2026-10-31T23:00:00Z"},
		{"", "2026-11-01 25:00", ""},
		{"", "yesterday", ""},
		{"%m/%d/%Y %H:%M", "11/01/2026 09:30", "2026-11-01T08:30:00Z"},
		{"%m/%d/%Y %H:%M", "2026-11-01T09:30:00Z", "2026-11-01T09:30:00Z"},
	} {
		t.Run(tc.format+" "+tc.in, func(t *testing.T) {
			t.Parallel()
			p, err := newDateParser(tc.format)
			require.NoError(t, err)
			p.zone = berlin(t)
			got, err := p.timestamp(tc.in)
			if tc.want == "" {
				assert.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tc.want, got.UTC().Format(canonicalTime))
		})
	}
}

func TestDateFormatsThatNameNoDate(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"DD/MM", "nonsense", "%H:%M", "YYYY"} {
		_, err := newDateParser(format)
		assert.ErrorContains(t, err, "date_format", format)
	}
}

func TestDateInName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"people-2026-11-01.csv":                "2026-11-01",
		"people_20261101.csv":                  "2026-11-01",
		"20261101.csv":                         "2026-11-01",
		"2026-01-01_to_2026-11-01.csv":         "2026-11-01",
		"people-2026-11-01T0300.csv":           "2026-11-01",
		"people.csv":                           "",
		"people-2026-13-01.csv":                "",
		"invoice-120261101.csv":                "",
		"a-99999999.csv":                       "",
		"export-2026-11-01-20261231-final.csv": "2026-12-31",
	} {
		assert.Equal(t, want, dateInName(name), name)
	}
}

func FuzzDates(f *testing.F) {
	for _, s := range []string{"2026-11-01", "2026-11-01T09:30:00Z", "01/11/2026", "0000-00-00", "9999-12-31T23:59:59-12:00"} {
		f.Add(s, "")
		f.Add(s, "DD/MM/YYYY")
	}
	f.Fuzz(func(t *testing.T, text, format string) {
		p, err := newDateParser(format)
		if err != nil {
			return
		}
		dateInName(text)
		got, err := p.date(text)
		if err != nil {
			return
		}
		if _, err := time.Parse(time.DateOnly, got); err != nil {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
	})
}
