package simulator

import (
	"bytes"
	"encoding/csv"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readTable gives the rows of a CSV file by column.
func readTable(t *testing.T, data []byte) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	require.NoError(t, err)
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = r[i]
		}
		out = append(out, m)
	}
	return out
}

// required are the columns that each kind of file must have.
var required = map[string][]string{
	"uploads/roster-":     {"snapshot_date", "email"},
	"uploads/engagement-": {"occurred_at", "email", "event"},
	"uploads/expenses-":   {"transaction_id", "date", "amount", "currency", "vendor"},
	"uploads/contracts":   {"contract_id", "vendor", "start_date", "end_date", "licences"},
	"uploads/fx_rates":    {"date", "currency", "rate"},
	"exempt/":             {"email"},
}

func TestFilesHaveTheirColumnsAndGrow(t *testing.T) {
	t.Parallel()
	o := demoOrg()
	earlier, later := o.Files(o.before(40).at(10*3600)), o.Files(endNow())
	assert.Greater(t, len(later), len(earlier))
	for name, data := range later {
		found := false
		for prefix, columns := range required {
			if !strings.HasPrefix(name, prefix) {
				continue
			}
			found = true
			for _, row := range readTable(t, data) {
				for _, c := range columns {
					require.NotEmpty(t, row[c], "%s in %s", c, name)
				}
			}
		}
		assert.True(t, found, name)
	}
	for name, data := range earlier {
		switch {
		case strings.HasPrefix(name, "uploads/roster-"):
			assert.Equal(t, string(data), string(later[name]), "a snapshot stays as it is: %s", name)
		case strings.HasPrefix(name, "uploads/e"):
			assert.True(t, bytes.HasPrefix(later[name], data), "%s only grows", name)
		}
	}
}

func TestFilesTellTheStory(t *testing.T) {
	t.Parallel()
	o := demoOrg()
	files := o.Files(endNow())
	var lattice []string
	for name := range files {
		if strings.Contains(name, "lattice") {
			lattice = append(lattice, name)
		}
	}
	sort.Strings(lattice)
	require.NotEmpty(t, lattice)
	assert.LessOrEqual(t, lattice[len(lattice)-1], "uploads/roster-lattice-"+o.disconnectedOn().String()+".csv")

	duplicates := 0
	for name, data := range files {
		if !strings.HasPrefix(name, "uploads/expenses-") {
			continue
		}
		for _, row := range readTable(t, data) {
			if row["transaction_id"] != "EXP-DUP-1" {
				continue
			}
			duplicates++
			c, _ := o.duplicatedCharge()
			assert.Equal(t, "150.00", row["amount"])
			assert.Equal(t, StoryBuyer, row["payer_email"])
			assert.Equal(t, dayOf(c.at).String(), row["date"])
		}
	}
	assert.Equal(t, 1, duplicates)

	users := map[string]bool{}
	for name, data := range files {
		if strings.HasPrefix(name, "uploads/engagement-") {
			for _, row := range readTable(t, data) {
				at, err := time.Parse(time.RFC3339, row["occurred_at"])
				require.NoError(t, err)
				if dayOf(at) > o.end-30 {
					users[o.Truth(endNow()).Person(row["email"])] = true
				}
			}
		}
	}
	assert.Len(t, users, len(o.Truth(endNow()).FieldbookUsers(30)))
}

func TestConfigNamesEveryVendorAndNoSecret(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	text, env := Config(v.s, "/somewhere/else")
	var c struct {
		Workspace   string
		Connections []struct {
			Name, Connector string
			Settings        map[string]any
			Auth            map[string]string
			DisconnectedOn  string `yaml:"disconnected_on"`
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &c))
	assert.Equal(t, "/somewhere/else", c.Workspace)
	vendors := map[string]bool{}
	for _, x := range c.Connections {
		if x.Connector == "file" {
			assert.NotEmpty(t, x.Settings["path"])
			continue
		}
		vendors[x.Connector] = true
		assert.Equal(t, v.s.URL(x.Connector), x.Settings["base_url"])
		for key, value := range x.Auth {
			name := strings.TrimSuffix(strings.TrimPrefix(value, "${"), "}")
			assert.NotEmpty(t, env[name], "%s of %s", key, x.Name)
		}
	}
	assert.Len(t, vendors, len(Vendors))
	for name, secret := range env {
		assert.NotContains(t, string(text), secret, name)
		assert.True(t, strings.HasPrefix(secret, "SIMSECRET-"))
		assert.Greater(t, len(secret), 50)
	}
	text, _ = Config(v.s, "")
	assert.NotContains(t, string(text), "workspace")
}
