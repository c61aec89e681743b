package main

import (
	"fmt"
	"strconv"
	"time"
)

// appendEvent writes the nth event of the landing benchmark.
func appendEvent(b []byte, n int) []byte {
	return appendLogin(b, n, n*7919%20_000, n*104729%300, time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n)*4*time.Second))
}

// appendLogin writes a sign-in of about 2 kB in the shape of Okta's System Log.
func appendLogin(b []byte, n, person, app int, at time.Time) []byte {
	b = append(b, `{"actor":{"id":"00u`...)
	b = strconv.AppendInt(b, int64(person), 36)
	b = append(b, `","type":"User","alternateId":"person`...)
	b = strconv.AppendInt(b, int64(person), 10)
	b = append(b, `@acme.example","displayName":"Person `...)
	b = strconv.AppendInt(b, int64(person), 10)
	b = append(b, `","detailEntry":null},"client":{"userAgent":{"rawUserAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36","os":"Mac OS X","browser":"CHROME"},"zone":"null","device":"Computer","id":null,"ipAddress":"198.51.100.`...)
	b = strconv.AppendInt(b, int64(n%250), 10)
	b = append(b, `","geographicalContext":{"city":"Berlin","state":"Land Berlin","country":"Germany","postalCode":"10115","geolocation":{"lat":52.5196,"lon":13.4069}}},"device":null,"authenticationContext":{"authenticationProvider":null,"credentialProvider":null,"credentialType":null,"issuer":null,"interface":null,"authenticationStep":0,"rootSessionId":"idx`...)
	b = strconv.AppendUint(b, uint64(n)*0x9e3779b97f4a7c15, 36)
	b = append(b, `","externalSessionId":"idx`...)
	b = strconv.AppendUint(b, uint64(n)*0xc2b2ae3d27d4eb4f, 36)
	b = append(b, `"},"displayMessage":"User single sign on to app","eventType":"user.authentication.sso","outcome":{"result":"SUCCESS","reason":null},"published":"`...)
	b = at.AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, `","securityContext":{"asNumber":3320,"asOrg":"deutsche telekom ag","isp":"deutsche telekom ag","domain":"t-ipconnect.de","isProxy":false},"severity":"INFO","debugContext":{"debugData":{"initiationType":"IDP_INITIATED","authnRequestId":"`...)
	b = strconv.AppendUint(b, uint64(n)*0x165667b19e3779f9, 16)
	b = append(b, `","requestId":"`...)
	b = strconv.AppendUint(b, uint64(n)*0x27d4eb2f165667c5, 16)
	b = append(b, `","dtHash":"`...)
	for i := range 4 {
		b = strconv.AppendUint(b, (uint64(n)+uint64(i))*0x9e3779b185ebca87, 16)
	}
	b = append(b, `","signOnMode":"SAML 2.0","requestUri":"/app/acme_app_1/exk1abcdefg/sso/saml","threatSuspected":"false","url":"/app/acme_app_1/exk1abcdefg/sso/saml?fromHome=true"}},"legacyEventType":"app.auth.sso","transaction":{"type":"WEB","id":"`...)
	b = strconv.AppendUint(b, uint64(n)*0x85ebca6b27d4eb2f, 36)
	b = append(b, `","detail":{}},"uuid":"`...)
	b = fmt.Appendf(b, "%08x-5d3f-11ef-9c1e-%012x", uint32(n)*2654435761, n)
	b = append(b, `","version":"0","request":{"ipChain":[{"ip":"198.51.100.7","geographicalContext":{"city":"Berlin","state":"Land Berlin","country":"Germany","postalCode":"10115","geolocation":{"lat":52.5196,"lon":13.4069}},"version":"V4","source":null}]},"target":[{"id":"0oa`...)
	b = strconv.AppendInt(b, int64(app), 36)
	b = append(b, `","type":"AppInstance","alternateId":"App `...)
	b = strconv.AppendInt(b, int64(app), 10)
	b = append(b, `","displayName":"App","detailEntry":{"signOnModeType":"SAML_2_0"}},{"id":"0ua`...)
	b = strconv.AppendUint(b, uint64(n)*0x94d049bb133111eb, 36)
	b = append(b, `","type":"AppUser","alternateId":"person`...)
	b = strconv.AppendInt(b, int64(person), 10)
	return append(b, `@acme.example","displayName":"Person","detailEntry":null}]}`...)
}
