package manifest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/yamlx"
)

// Types of Auth.
const (
	AuthNone               = "none"
	AuthToken              = "token"
	AuthBasic              = "basic"
	AuthClientCredentials  = "oauth2_client_credentials"
	AuthPrivateKeyJWT      = "oauth2_private_key_jwt"
	AuthAccountCredentials = "account_credentials"
	AuthGoogle             = "google_service_account"
)

var authTypes = []string{
	AuthToken, AuthBasic, AuthClientCredentials, AuthPrivateKeyJWT, AuthAccountCredentials, AuthGoogle, AuthNone,
}

// Keys are the keys under a connection's auth that a way to sign in needs: each element is one set
// that suffices. Optional ones may be added to any.
func (a Auth) Keys() (sufficient [][]string, optional []string) {
	switch a.Type {
	case AuthToken:
		return [][]string{{"token"}}, nil
	case AuthBasic:
		return [][]string{a.basicKeys()}, nil
	case AuthClientCredentials:
		return [][]string{{"client_id", "client_secret"}}, a.templateKeys()
	case AuthPrivateKeyJWT:
		return [][]string{{"client_id", "private_key"}}, append(a.templateKeys(), "key_id")
	case AuthAccountCredentials:
		return [][]string{{"account_id", "client_id", "client_secret"}}, a.templateKeys()
	case AuthGoogle:
		return [][]string{{"service_account"}, {"client_email", "private_key"}}, append(a.templateKeys(), "key_id")
	}
	return [][]string{{}}, nil
}

func (a Auth) basicKeys() []string {
	keys := authKeysIn(cmp.Or(a.Username, "{auth.username}"))
	return append(keys, authKeysIn(cmp.Or(a.Password, "{auth.password}"))...)
}

// templateKeys are the auth keys that the token request's own templates name.
func (a Auth) templateKeys() []string {
	keys := authKeysIn(a.TokenURL, a.Scope, a.Subject, a.Audience)
	for _, name := range yamlx.SortedKeys(a.Params) {
		keys = append(keys, authKeysIn(a.Params[name])...)
	}
	return keys
}

func authKeysIn(templates ...string) []string {
	var keys []string
	for _, text := range templates {
		t, err := ParseTemplate(text)
		if err != nil {
			continue
		}
		for _, p := range t.Placeholders() {
			if p.Root() == "auth" {
				keys = append(keys, p.Rest())
			}
		}
	}
	return keys
}

// ChooseAuth gives the first way to sign in for which has knows every key; a manifest without any
// needs none. It is false when no way is complete.
func (m *Manifest) ChooseAuth(has func(key string) bool) (Auth, bool) {
	if len(m.Auth) == 0 {
		return Auth{Type: AuthNone}, true
	}
	for _, a := range m.Auth {
		sufficient, _ := a.Keys()
		for _, keys := range sufficient {
			if !slices.ContainsFunc(keys, func(k string) bool { return !has(k) }) {
				return a, true
			}
		}
	}
	return Auth{}, false
}

// authNeeds says which keys would do, for messages.
func (m *Manifest) authNeeds() string {
	var ways []string
	for _, a := range m.Auth {
		sufficient, _ := a.Keys()
		for _, keys := range sufficient {
			ways = append(ways, strings.Join(keys, " + "))
		}
	}
	return strings.Join(ways, ", or ")
}

// authFields are the keys of an auth entry beside type, and the types that have them.
var authFields = map[string][]string{
	"header":      {AuthToken},
	"scheme":      {AuthToken},
	"username":    {AuthBasic},
	"password":    {AuthBasic},
	"token_url":   {AuthClientCredentials, AuthPrivateKeyJWT, AuthAccountCredentials, AuthGoogle},
	"scope":       {AuthClientCredentials, AuthPrivateKeyJWT, AuthAccountCredentials, AuthGoogle},
	"params":      {AuthClientCredentials, AuthPrivateKeyJWT, AuthAccountCredentials},
	"client_auth": {AuthClientCredentials, AuthAccountCredentials},
	"audience":    {AuthPrivateKeyJWT, AuthGoogle},
	"algorithm":   {AuthPrivateKeyJWT},
	"subject":     {AuthGoogle},
}

func (c *checker) authWays() {
	for i, a := range c.m.Auth {
		key := yamlx.Index("auth", i)
		c.required(key+".type", a.Type, "one of "+strings.Join(authTypes, ", "))
		c.oneOf(key+".type", a.Type, authTypes)
		if !slices.Contains(authTypes, a.Type) {
			continue
		}
		for _, field := range yamlx.SortedKeys(authFields) {
			if at := key + "." + field; c.doc.Has(at) && !slices.Contains(authFields[field], a.Type) {
				c.add(at, "means nothing for type %s; it is for %s", a.Type, strings.Join(authFields[field], ", "))
			}
		}
		switch a.Type {
		case AuthClientCredentials, AuthPrivateKeyJWT, AuthAccountCredentials:
			c.required(key+".token_url", a.TokenURL, "where access tokens come from")
		case AuthGoogle:
			c.required(key+".scope", a.Scope, "the scopes asked for, with spaces between them")
		}
		c.template(key+".token_url", a.TokenURL, "settings", "auth", "org")
		c.template(key+".scope", a.Scope, "settings", "auth", "org")
		c.template(key+".audience", a.Audience, "settings", "auth", "org")
		c.template(key+".subject", a.Subject, "settings", "auth", "org")
		c.template(key+".username", a.Username, "settings", "auth", "org")
		c.template(key+".password", a.Password, "settings", "auth", "org")
		for _, name := range yamlx.SortedKeys(a.Params) {
			c.template(yamlx.Join(key+".params", name), a.Params[name], "settings", "auth", "org")
		}
		c.oneOf(key+".client_auth", a.ClientAuth, []string{"basic", "body"})
		c.oneOf(key+".algorithm", a.Algorithm, []string{"RS256", "PS256", "ES256"})
	}
}
