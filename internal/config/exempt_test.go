package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExemptEmails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	cfg := &Config{File: filepath.Join(dir, "rightseat.yaml"), Exempt: Exempt{
		Global: "all.csv", Apps: map[string]string{"Zoom US": "zoom.csv"}, Emails: []string{"a@tarn.example"}, AppEmails: map[string][]string{"Zoom US": {"b@tarn.example"}},
	}}
	put("all.csv", "\ufeffname,Email\nx,c@tarn.example\n\n")
	_, err := cfg.ExemptEmails()
	require.ErrorContains(t, err, `exempt.apps["Zoom US"]: read the exempt list: open `)
	put("zoom.csv", "mail\nd@tarn.example\n")
	_, err = cfg.ExemptEmails()
	require.ErrorContains(t, err, "no column named email; found mail")
	put("zoom.csv", "email\nd@tarn.example\n")
	for range 2 {
		lists, err := cfg.ExemptEmails()
		require.NoError(t, err)
		assert.Equal(t, map[string][]string{"": {"a@tarn.example", "c@tarn.example"}, "Zoom US": {"b@tarn.example", "d@tarn.example"}}, lists)
	}
}
