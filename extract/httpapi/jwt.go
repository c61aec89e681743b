package httpapi

import (
	"cmp"
	"crypto"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/rightseat/rightseat/extract/manifest"
)

// assertionLife is how long a signed assertion is good for: it is used at once, but the
// vendor's clock may lag behind.
const assertionLife = 10 * time.Minute

// privateKeyJWT signs in with a JWT instead of a secret (RFC 7523 2.2). Auth keys: client_id,
// private_key (PEM), key_id (optional).
func (c *Client) privateKeyJWT(a manifest.Auth, tokenURL *url.URL, scope string, extra url.Values) (grant, error) {
	method, key, err := signingKey(cmp.Or(a.Algorithm, "RS256"), c.auth["private_key"].Reveal())
	if err != nil {
		return nil, fmt.Errorf("auth.private_key: %w", err)
	}
	audience, err := c.expand(cmp.Or(a.Audience, tokenURL.String()))
	if err != nil {
		return nil, err
	}
	id := c.auth["client_id"].Reveal()
	return func(now time.Time) (url.Values, string, error) {
		signed, err := c.sign(method, key, c.auth["key_id"].Reveal(), jwt.MapClaims{
			"iss": id, "sub": id, "aud": audience, "jti": nonce(),
			"iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
		})
		if err != nil {
			return nil, "", err
		}
		form := url.Values{
			"grant_type":            {"client_credentials"},
			"client_id":             {id},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			"client_assertion":      {signed},
		}
		if scope != "" {
			form.Set("scope", scope)
		}
		maps.Copy(form, extra)
		return form, "", nil
	}, nil
}

// googleServiceAccount signs in as a Google service account, on behalf of a.Subject where one
// is given. Auth keys: service_account (the JSON key file's text), or client_email and private_key.
func (c *Client) googleServiceAccount(a manifest.Auth, tokenURL *url.URL, scope string) (grant, error) {
	account := struct {
		ClientEmail  string `json:"client_email"`
		PrivateKey   string `json:"private_key"`
		PrivateKeyID string `json:"private_key_id"`
	}{c.auth["client_email"].Reveal(), c.auth["private_key"].Reveal(), c.auth["key_id"].Reveal()}
	if file := c.auth["service_account"].Reveal(); file != "" {
		if json.Unmarshal([]byte(file), &account) != nil {
			return nil, errors.New("auth.service_account is not the JSON of a service account's key file")
		}
		c.secrets.Add(account.PrivateKey)
	}
	method, key, err := signingKey("RS256", account.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("auth.private_key: %w", err)
	}
	subject, err := c.expand(a.Subject)
	if err != nil {
		return nil, err
	}
	return func(now time.Time) (url.Values, string, error) {
		claims := jwt.MapClaims{
			"iss": account.ClientEmail, "scope": scope, "aud": tokenURL.String(),
			"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		}
		if subject != "" {
			claims["sub"] = subject
		}
		signed, err := c.sign(method, key, account.PrivateKeyID, claims)
		if err != nil {
			return nil, "", err
		}
		return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed}}, "", nil
	}, nil
}

// signingKey reads a PEM key for an algorithm. Its errors say nothing of the key itself.
func signingKey(algorithm, pem string) (jwt.SigningMethod, crypto.PrivateKey, error) {
	// A key that came through an environment variable may have its line ends spelt out.
	text := []byte(strings.ReplaceAll(pem, `\n`, "\n"))
	switch algorithm {
	case "RS256", "PS256":
		key, err := jwt.ParseRSAPrivateKeyFromPEM(text)
		if err != nil {
			return nil, nil, errors.New("not an RSA private key in PEM")
		}
		return jwt.GetSigningMethod(algorithm), key, nil
	case "ES256":
		key, err := jwt.ParseECPrivateKeyFromPEM(text)
		if err != nil {
			return nil, nil, errors.New("not an EC private key in PEM")
		}
		return jwt.SigningMethodES256, key, nil
	}
	return nil, nil, fmt.Errorf("algorithm %q is none of RS256, PS256, ES256", algorithm)
}

func (c *Client) sign(method jwt.SigningMethod, key crypto.PrivateKey, keyID string, claims jwt.MapClaims) (string, error) {
	token := jwt.NewWithClaims(method, claims)
	if keyID != "" {
		token.Header["kid"] = keyID
	}
	signed, err := token.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("sign the assertion: %w", c.redactErr(err))
	}
	c.secrets.Add(signed)
	return signed, nil
}

func nonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	return hex.EncodeToString(b[:])
}
