package httpapi

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUnreachableInAPersonsWords(t *testing.T) {
	t.Parallel()
	at := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 81}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no such host": {&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "acme.invalid", Server: "10.0.0.1:53", IsNotFound: true}},
			"GET /users: there is no host called acme.invalid; check base_url, or this machine's DNS"},
		"refused": {&net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: syscall.ECONNREFUSED},
			"GET /users: nobody listens at 127.0.0.1:81 (connection refused); check base_url"},
		"wrapped": {fmt.Errorf("request: %w", &net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: syscall.ECONNREFUSED}),
			"GET /users: nobody listens at 127.0.0.1:81 (connection refused); check base_url"},
		"no answer": {&net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: syscall.ETIMEDOUT},
			"GET /users: no answer from 127.0.0.1:81 in time; check base_url, the proxy and the firewall"},
		"another failure": {errors.New("unexpected EOF"), "GET /users: unexpected EOF"},
	} {
		got := &netError{method: "GET", path: "/users", err: c.err}
		assert.Equal(t, c.want, got.Error(), name)
		assert.ErrorIs(t, got, c.err, name)
	}
}

func TestRefusedCredentialsSayWhereToLook(t *testing.T) {
	t.Parallel()
	e := &Error{Status: 401, Method: "GET", Path: "/users", Message: "Invalid token"}
	assert.Equal(t, "GET /users: 401 Unauthorized: Invalid token; check the connection's auth: the credentials were not accepted", e.Error())
	e.Hint = "Make a new token."
	assert.Equal(t, "GET /users: 401 Unauthorized: Invalid token; Make a new token.", e.Error(), "the connector's advice goes first")
}
