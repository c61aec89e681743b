package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const text = "s3cr/et+tok en="

func TestValueNeverShows(t *testing.T) {
	t.Parallel()
	v := New(text)
	holder := struct {
		Name  string
		Token Value
		Ptr   *Value
		Map   map[string]Value
		inner Value
	}{"okta", v, &v, map[string]Value{"token": v}, v}

	var out bytes.Buffer
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&out, format+"\n", v)
		fmt.Fprintf(&out, format+"\n", &v)
		fmt.Fprintf(&out, format+"\n", holder)
	}
	data, err := json.Marshal(holder)
	require.NoError(t, err)
	out.Write(data)
	asKey, err := v.MarshalText()
	require.NoError(t, err)
	out.Write(asKey)
	for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(h).Info("signing in", "token", v, "holder", holder, slog.Group("auth", "token", v))
	}
	fmt.Fprintln(&out, fmt.Errorf("sign in with %v", v))

	assert.NotContains(t, out.String(), "s3cr")
	assert.Contains(t, out.String(), Mask)
	assert.Equal(t, text, v.Reveal())
}

func TestIsZero(t *testing.T) {
	t.Parallel()
	assert.True(t, Value{}.IsZero())
	assert.True(t, New("").IsZero())
	assert.False(t, New("x").IsZero())
}

func TestRedact(t *testing.T) {
	t.Parallel()
	r := &Redactor{}
	r.Add(text, "abcd", "abcdef", "", "xy")
	tests := map[string]struct{ in, want string }{
		"plain":             {"token " + text + " refused", "token [redacted] refused"},
		"twice":             {text + text, "[redacted][redacted]"},
		"in a query":        {"GET /?t=" + url.QueryEscape(text), "GET /?t=[redacted]"},
		"in a path":         {"GET /" + url.PathEscape(text), "GET /[redacted]"},
		"base64":            {"Basic " + base64.StdEncoding.EncodeToString([]byte(text)), "Basic [redacted]"},
		"longest first":     {"abcdef abcd", "[redacted] [redacted]"},
		"too short to seek": {"xy stays", "xy stays"},
		"nothing":           {"all good", "all good"},
		"empty":             {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, r.Redact(tt.in))
		})
	}
}

func TestRedactJSONEscaped(t *testing.T) {
	t.Parallel()
	secretText := "-----BEGIN KEY-----\nabc\"def\\ghi\n-----END KEY-----"
	r := &Redactor{}
	r.Add(secretText)
	for name, quoted := range map[string]string{"json": mustJSON(t, secretText), "go": fmt.Sprintf("%q", secretText)} {
		assert.NotContains(t, r.Redact("refused: "+quoted), "ghi", name)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

func TestRedactError(t *testing.T) {
	t.Parallel()
	r := &Redactor{}
	r.Add(text)
	require.NoError(t, r.Error(nil))
	assert.Same(t, io.EOF, r.Error(io.EOF))
	inner := errors.New("token " + text)
	err := r.Error(fmt.Errorf("sign in: %w", inner))
	assert.EqualError(t, err, "sign in: token [redacted]")
	assert.NotErrorIs(t, err, inner)
}

func TestZeroAndNilRedactor(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "text", (&Redactor{}).Redact("text"))
	var none *Redactor
	assert.Equal(t, "text", none.Redact("text"))
}

func TestRedactorIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	r := &Redactor{}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			token := strings.Repeat(string(rune('a'+i)), 8)
			r.Add(token)
			assert.Equal(t, Mask, r.Redact(token))
		})
	}
	wg.Wait()
}

func ExampleRedactor() {
	r := &Redactor{}
	r.Add("00abcSECRET")
	fmt.Println(r.Redact("GET /users: 401 Invalid token 00abcSECRET"))
	fmt.Println(New("00abcSECRET"))
	// Output:
	// GET /users: 401 Invalid token [redacted]
	// [redacted]
}

func FuzzRedact(f *testing.F) {
	f.Add("token", "a token b")
	f.Add("\"\\\n\x00x", "x")
	f.Fuzz(func(t *testing.T, value, around string) {
		if len(value) < minRedact || strings.Contains(Mask, value) || strings.Contains(around, value) {
			return
		}
		r := &Redactor{}
		r.Add(value)
		out := r.Redact(value)
		assert.Equal(t, Mask, out)
	})
}
