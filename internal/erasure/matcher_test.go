package erasure_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rightseat/rightseat/internal/erasure"
)

func TestPayloads(t *testing.T) {
	t.Parallel()
	m := erasure.New([]string{"ann@acme.example", "hr:42", "okta:00u1abcd2EFG"})
	cases := []struct{ name, payload, rest string }{ // an empty rest: the row goes
		{"plain", `{"email":"ann@acme.example"}`, ""},
		{"case", `{"email":"Ann@ACME.example"}`, ""},
		{"JSON escapes", `{"email":"\u0061nn\u0040acme.example"}`, ""},
		{"JSON in JSON", `{"body":"{\"email\":\"ann\\u0040acme.example\"}"}`, ""},
		{"of an address of a page", `{"href":"https:\/\/x.example\/u%3Dann%40acme.example"}`, ""},
		{"twice escaped", `{"href":"/u?next=%2Fu%3Fq%3Dann%2540acme.example"}`, ""},
		{"in a sentence", `{"topic":"Call with ann@acme.example."}`, ""},
		{"in a list", `{"members":["bob@acme.example","ann@acme.example"]}`, ""},
		{"as a name of a member", `{"ann@acme.example":1}`, ""},
		{"an id that is nothing else", `{"x":"00U1ABCD2efg"}`, ""},
		{"an id where an id stands", `{"employeeId":42}`, ""},
		{"as text", `{"employee_number":"42"}`, ""},
		{"a count", `{"days":42}`, `{"days":42}`},
		{"somebody else", `{"email":"joann@acme.example","b":"ann@acme.example.org","c":"x.ann@acme.example"}`, `{"email":"joann@acme.example","b":"ann@acme.example.org","c":"x.ann@acme.example"}`},
		{"somebody's manager", `{"email":"bob@acme.example","manager_email":"ann@acme.example","manager_name":"Ann","days":1.50}`, `{"email":"bob@acme.example","manager_email":null,"manager_name":null,"days":1.50}`},
		{"as a record", `{"id":7,"profile":{"manager":{"id":42,"n":"Ann"},"a":[1]}}`, `{"id":7,"profile":{"manager":null,"a":[1]}}`},
		{"manager and more", `{"manager":"ann@acme.example","approver":"ann@acme.example"}`, ""},
		{"another manager", `{"manager_id":43}`, `{"manager_id":43}`},
		{"no JSON", `"ann@acme.example`, ""},
	}
	for _, c := range cases {
		gone, rest := m.Payload("hr", []byte(c.payload))
		assert.Equal(t, c.rest == "", gone, c.name)
		if !gone {
			assert.Equal(t, c.rest, string(rest), c.name)
		}
	}
	gone, _ := m.Payload("zoom", []byte(`{"employeeId":42}`))
	assert.False(t, gone, "of another connection")
	assert.True(t, m.ID("hr", "42"))
	assert.False(t, m.ID("zoom", "42"))
	assert.True(t, m.Text("GET /users/ann%40acme.example/meetings: 404"))
}
