// Package manifest reads connector manifests: YAML that says how one vendor's API is asked,
// page by page. Built-in connectors and users' own ones are the same thing.
//
// Templates. Strings marked "template" may contain {name} placeholders:
//
//	{settings.X}     a setting of the connection
//	{auth.X}         only in auth strategies and their headers
//	{parent.id}      the parent record's id; {parent.a.b} a path in its payload; URL-escaped in
//	                 paths ({parent.id|escape2} escapes twice, as Zoom's meeting UUIDs need)
//	{start} {end}    the window's bounds, formatted by the stream's window.format
//	{date}           the window's day, YYYY-MM-DD
//	{org.X}          name, timezone
//
// Paths. A path is dot-separated keys into JSON ("actor.alternateId"); "$" is the whole value,
// a number is an array index, "*" all values of an object or array, a key with dots is
// written in quotes ('"@odata.nextLink"').
package manifest

import "github.com/rightseat/rightseat/internal/yamlx"

// Manifest describes one connector.
type Manifest struct {
	Version     int    `yaml:"version"` // 1
	Name        string `yaml:"name"`
	Title       string `yaml:"title"`
	Class       string `yaml:"class"` // sso, hr, casb, spend, contracts, engagement, own
	IDP         string `yaml:"idp"`   // for class sso: okta, onelogin, entra_id, …
	App         string `yaml:"app"`   // the app that this connector describes when the connection names none
	Description string `yaml:"description"`
	// Reclaim is what the vendor's API can do about seats: deprovision and downgrade accounts of the app itself,
	// or (class sso) unassign people from apps. Without it seats are only suggested.
	Reclaim     []string           `yaml:"reclaim"`
	Docs        string             `yaml:"docs"` // the vendor's documentation
	Settings    map[string]Setting `yaml:"settings"`
	Auth        []Auth             `yaml:"auth"`    // ways to sign in; the first whose keys are all given is used
	Headers     map[string]string  `yaml:"headers"` // template; sent with each request to the API's own host
	Permissions []Permission       `yaml:"permissions"`
	Limits      []Limit            `yaml:"limits"`
	Errors      Errors             `yaml:"errors"`
	Streams     []Stream           `yaml:"streams"`

	doc *yamlx.Document // where the keys stand; nil for a manifest made in memory
}

// Setting is a key that a connection may give under settings. base_url always exists.
type Setting struct {
	Description string `yaml:"description"`
	Default     string `yaml:"default"` // template over other settings
	Required    bool   `yaml:"required"`
	Example     string `yaml:"example"`
	// Bookmark: the setting names where the vendor keeps our place in a stream and chooses nothing. After a change
	// of it reading goes on, by time, from where it was; after a change of another one it begins anew.
	Bookmark bool `yaml:"bookmark"`
}

// Permission is what the connection's account must be allowed, and which streams need it.
type Permission struct {
	Name    string   `yaml:"name"`    // scope or role, in the vendor's words
	Streams []string `yaml:"streams"` // empty: all
	Why     string   `yaml:"why"`
}

// Auth is one way to sign in.
type Auth struct {
	// Type: token, basic, oauth2_client_credentials, oauth2_private_key_jwt, account_credentials
	// (Zoom), google_service_account, none.
	Type string `yaml:"type"`
	// token: header (default Authorization) and scheme word (default Bearer; "" for the bare token); auth key "token".
	Header string  `yaml:"header"`
	Scheme *string `yaml:"scheme"`
	// basic: templates over {auth.X}; defaults {auth.username} and {auth.password}.
	Username string `yaml:"username"`
	Password string `yaml:"password"`
	// oauth2_*: token_url template. When settings.base_url is not the setting's default and the
	// connection gives no settings.token_url, a token_url on another host is taken on base_url's
	// origin instead, path kept, so that a test server never makes credentials leave for the vendor.
	TokenURL   string            `yaml:"token_url"`
	Scope      string            `yaml:"scope"`       // template
	Params     map[string]string `yaml:"params"`      // further form fields, template
	ClientAuth string            `yaml:"client_auth"` // basic (default) or body: where client id and secret go
	Audience   string            `yaml:"audience"`    // private_key_jwt: aud claim; default the token URL
	Algorithm  string            `yaml:"algorithm"`   // RS256 (default), PS256, ES256
	Subject    string            `yaml:"subject"`     // google_service_account: delegated user, template
}

// Limit is a request budget. Requests of the streams named (all when empty) share it per account.
type Limit struct {
	Name        string   `yaml:"name"`
	Streams     []string `yaml:"streams"`
	Requests    int      `yaml:"requests"`    // per Per; 0: only what the vendor's headers say
	Per         string   `yaml:"per"`         // duration, e.g. 10s
	Concurrency int      `yaml:"concurrency"` // requests at once; default 4
	// ResetHeader says what X-Rate-Limit-Reset and its cousins hold: epoch, seconds, rfc3339, auto (default).
	ResetHeader string `yaml:"reset_header"`
}

// Errors says where the vendor's words stand in an error reply, and what its codes mean.
type Errors struct {
	Message []string `yaml:"message"` // paths tried in order
	Code    []string `yaml:"code"`
	// MessageHeader: response headers that hold the vendor's words, tried before Message.
	MessageHeader PathList `yaml:"message_header"`
	// OKField, when set, is a boolean path that is false in an error sent with HTTP 200 (Slack's "ok").
	OKField string `yaml:"ok_field"`
	// What makes a reply with status 200 an error is known for most vendors (ok: false, an error or errors that
	// say something, a status of error, …), and so are a code where Code says that it stands in a list, and words in
	// MessageHeader. Also are paths of further such places: anything there but null,
	// false, 0, "", [] and {}. Normal are names at the top of a reply that mean no error with this vendor.
	Also   PathList `yaml:"also"`
	Normal []string `yaml:"normal"`
	// Hints: vendor code or HTTP status → what to do, shown below the vendor's words.
	Hints map[string]string `yaml:"hints"`
	// RetryCodes are vendor codes that mean "later" although the status says otherwise.
	RetryCodes []string `yaml:"retry_codes"`
	// ForbiddenCodes are vendor codes that mean "not permitted" although the status says otherwise (Zoom
	// answers 400 when a token lacks a scope). They count as a 403, also for optional streams.
	ForbiddenCodes []string `yaml:"forbidden_codes"`
}

// Stream is one kind of record.
type Stream struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Kind        string `yaml:"kind"` // events or snapshot
	// ID is the path of the record's id, or several whose values are joined with "|"; parent.id is allowed.
	// Without it the record is identified by a hash of its content.
	ID PathList `yaml:"id"`
	// Time is the path of an event's time; TimeFormat: rfc3339 (default), epoch, epoch_ms, or a Go layout (UTC).
	Time       string `yaml:"time"`
	TimeFormat string `yaml:"time_format"`
	// Fields are checked on every record: path → type (string, integer, number, boolean, object, array,
	// time, date, email), with "!" for required. A record that fails is kept raw and set aside.
	Fields map[string]string `yaml:"fields"`
	// Expected are paths of which hardly any record lacks the value, each one or several of which one is enough.
	// Where nearly all lack it, the account may not see it: a snapshot does then not count as whole.
	Expected []PathList `yaml:"expected"`
	// Usual are paths like those of Expected that a vendor may well have no values for: where nearly all records lack
	// one, the list counts, and people are told.
	Usual []PathList `yaml:"usual"`
	// ForEach asks once per record of another stream.
	ForEach *ForEach `yaml:"for_each"`
	// Variants asks the same stream several times, e.g. once per status; each is a set of extra
	// query parameters. All belong to one snapshot.
	Variants []map[string]string `yaml:"variants"`
	Request  Request             `yaml:"request"`
	Response Response            `yaml:"response"`
	Paging   Paging              `yaml:"paging"`
	Window   *Window             `yaml:"window"`
	// Optional streams may be forbidden without making the run incomplete; they show as not_connected. That is so
	// when the vendor says it in its own words (403 or 404), and until the stream was first complete.
	Optional bool `yaml:"optional"`
}

// PathList is one path or a list of them in YAML.
type PathList []string

// OneOrMany implements [yamlx.OneOrMany].
func (*PathList) OneOrMany() {}

// ForEach names the parent stream of a child stream. A snapshot's records are all asked for in each
// round; those of an events stream once, and again when a later reading brings a changed version.
type ForEach struct {
	Stream string `yaml:"stream"`
	// Where keeps only parents whose payload has one of the values at the path.
	Where map[string][]string `yaml:"where"`
	// Name is the path of what people call a parent, for messages and settings.leave_out.
	Name string `yaml:"name"`
	// Gone are the vendor's own codes that say of a parent asked for that it does not exist any more. Its
	// list is then known to be empty. Any other refusal means that the list could not be read.
	Gone []string `yaml:"gone"`
}

// Request is one page's request.
type Request struct {
	Method  string            `yaml:"method"` // GET (default) or POST
	Path    string            `yaml:"path"`   // template; below base_url, whose own path is kept
	Query   map[string]string `yaml:"query"`  // template; a parameter that comes out empty is left out
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"` // template; JSON
	Form    map[string]string `yaml:"form"`
	// Check are query parameters that a check sends instead, template; so that it does not move the place that
	// the vendor keeps for the real reading.
	Check map[string]string `yaml:"check" json:"Check,omitempty"`
}

// Response says how records stand in a reply.
type Response struct {
	// Format: json (default), ndjson, csv; gzip is recognised by itself.
	Format  string `yaml:"format"`
	Records string `yaml:"records"` // path of the array; "$" (default) the body itself
	// Map: the records are the values of an object; its keys go into the record under this name.
	KeyAs string `yaml:"key_as"`
	// Explode makes one record per element of the array at this path, the rest of the record copied.
	Explode string `yaml:"explode"`
	// AllowMissing: an absent records path means no records (Google) instead of a bad page.
	AllowMissing bool `yaml:"allow_missing"`
	// RedirectHosts may be redirected to, without credentials (CSV downloads); host or *.suffix.
	RedirectHosts []string `yaml:"redirect_hosts"`
}

// Paging is how the next page is found.
type Paging struct {
	// Type: none (default), link_header, next_url, cursor, offset, page, start_index, iterator.
	Type string `yaml:"type"`
	// next_url, cursor: where the next one stands: path in the body …
	Next string `yaml:"next"`
	// … or a response header.
	NextHeader string `yaml:"next_header"`
	Param      string `yaml:"param"` // query (or body, when In is body) parameter for cursor/offset/page/start_index
	In         string `yaml:"in"`    // query (default) or body
	SizeParam  string `yaml:"size_param"`
	Size       int    `yaml:"size"`
	First      *int   `yaml:"first"` // page: number of the first page (default 1); start_index: default 1
	// Total is the path of the total count, when the vendor gives one, or TotalHeader its header. The records read
	// are compared with it; it never ends the reading.
	Total       string `yaml:"total"`
	TotalHeader string `yaml:"total_header" json:"TotalHeader,omitempty"`
	HasMore     string `yaml:"has_more"` // path of a boolean
	// Linked: every page says whether there is another one: by a link, if only to itself (link_header), or by what stands
	// at Next, if only null or "" (next_url, cursor). A page of Size records that does not has lost it on its way, and nobody
	// knows whether there is more.
	Linked bool `yaml:"linked" json:"Linked,omitempty"`
	// Polling (link_header, next_url, cursor): there is always a next link; an empty page that points no further than
	// the one asked for means caught up, and the link is the cursor for the next run (Okta's System Log).
	Polling bool `yaml:"polling"`
	// iterator (Netskope): the vendor keeps the cursor. Values of Param: first request ever, after any
	// stop ("resend"), and onwards.
	Start  string `yaml:"start"` // template
	Resend string `yaml:"resend"`
	More   string `yaml:"more"`
	Wait   string `yaml:"wait"` // path of seconds to wait before the next call
}

// Window makes an events stream incremental by time.
type Window struct {
	// Start is how far back the first read goes, e.g. 90d; a connection may override it with settings.start_date.
	Start string `yaml:"start"`
	// Overlap is re-read before the cursor at each run, e.g. 2h.
	Overlap string `yaml:"overlap"`
	// Step splits the range into requests of at most this length, e.g. 30d or 1d; empty: one.
	Step string `yaml:"step"`
	// Lag is how long after an event the vendor may still be adding it: the window ends that much before now.
	Lag string `yaml:"lag"`
	// Format of {start} and {end}: rfc3339 (default), epoch, epoch_ms, date, or a Go layout; UTC.
	Format string `yaml:"format"`
	// EndInclusive: {end} is the last unit that counts (dates) rather than the first that does not.
	EndInclusive bool `yaml:"end_inclusive"`
	// Retention is how far back the vendor can be asked, e.g. 180d; a window before it is cut, and said.
	Retention string `yaml:"retention"`
}
