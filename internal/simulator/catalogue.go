package simulator

// grantKind is how people come to an Okta app.
type grantKind int

const (
	everyone  grantKind = iota // the group Everyone
	byDept                     // the groups of departments
	byGroup                    // a group that grants this app alone
	byPerson                   // direct assignments
	groupPlus                  // a group of its own and some direct assignments
)

// appSpec is one application of the catalogue below.
type appSpec struct {
	label, name string // as people see it; Okta's key of the definition
	domain      string
	mode        string // Okta's signOnMode
	grant       grantKind
	depts       []int   // byDept; for the others, the departments that want it most
	share       float64 // of the people, for groups and direct assignments
	popularity  float64 // how often beside an average app
}

const (
	saml = "SAML_2_0"
	oidc = "OPENID_CONNECT"
)

// oktaApps are the applications behind Okta; those of the story come first, so that a smaller
// organisation keeps them.
var oktaApps = []appSpec{
	{"Zoom", "zoomus", "zoom.us", saml, everyone, nil, 1, 1.6},
	{"Zoom Sandbox", "zoomus", "zoom.us", saml, byPerson, []int{deptIT}, 0.06, 0.8},
	{"Slack", "slack", "slack.com", saml, everyone, nil, 1, 2.2},
	{"Atlassian Jira Cloud", "jira_onprem", "atlassian.net", saml, byDept, []int{deptEngineering, deptProduct, deptSupport, deptIT}, 1, 1.8},
	{"Figma", "figma", "figma.com", saml, groupPlus, []int{deptProduct, deptMarketing}, 0.25, 1.3},
	{"Salesforce", "salesforce", "salesforce.com", saml, byDept, []int{deptSales, deptSupport}, 1, 1.9},
	{"GitHub Enterprise Cloud - Organization", "githubcloud", "github.com", saml, byDept, []int{deptEngineering, deptIT}, 1, 1.7},
	{"Miro", "realtimeboard", "miro.com", saml, groupPlus, []int{deptProduct, deptMarketing}, 0.3, 0.5},
	{"Notion", "notion", "notion.so", saml, byGroup, []int{deptProduct, deptPeople}, 0.4, 1},
	{"Freshservice", "freshservice", "freshservice.com", saml, byPerson, nil, 0, 0},
	{"Tableau Cloud", "tableau_online", "tableau.com", saml, groupPlus, []int{deptFinance, deptSales}, 0.15, 0.6},
	{"Zendesk", "zendesk", "zendesk.com", saml, byDept, []int{deptSupport}, 1, 2},
	{"HubSpot", "hubspot", "hubspot.com", saml, byDept, []int{deptMarketing}, 1, 1.5},
	{"Datadog", "datadog", "datadoghq.com", saml, byGroup, []int{deptEngineering}, 0.2, 1},
	{"PagerDuty", "pagerduty", "pagerduty.com", saml, byGroup, []int{deptEngineering}, 0.12, 0.6},
	{"DocuSign", "docusign", "docusign.com", saml, groupPlus, []int{deptSales, deptFinance, deptPeople}, 0.2, 0.5},
	{"Box", "boxnet", "box.com", saml, byGroup, []int{deptFinance}, 0.3, 0.6},
	{"Asana", "asana", "asana.com", saml, groupPlus, []int{deptMarketing}, 0.15, 0.9},
	{"Workday", "workday", "workday.com", saml, everyone, nil, 1, 0.25},
	{"1Password Business", "onepassword", "1password.com", oidc, everyone, nil, 1, 0.4},
	{"Snowflake", "snowflake", "snowflake.com", saml, byGroup, []int{deptEngineering, deptFinance}, 0.1, 0.9},
	{"Looker", "looker", "looker.com", saml, byPerson, []int{deptFinance, deptSales}, 0.08, 0.6},
	{"Gong", "gong", "gong.io", saml, byGroup, []int{deptSales}, 0.15, 1},
	{"LinkedIn Sales Navigator", "linkedin_sales_navigator", "linkedin.com", saml, byPerson, []int{deptSales}, 0.12, 1.1},
	{"Greenhouse Recruiting", "greenhouse", "greenhouse.io", saml, byGroup, []int{deptPeople}, 0.12, 0.7},
	{"Lucidchart", "lucidchart", "lucid.app", saml, byPerson, []int{deptEngineering, deptIT}, 0.1, 0.4},
	{"Confluence", "confluence", "atlassian.net", saml, byDept, []int{deptEngineering, deptProduct, deptSupport, deptIT}, 1, 1.1},
	{"Sentry", "sentry", "sentry.io", saml, byGroup, []int{deptEngineering}, 0.15, 0.6},
	{"CircleCI", "circleci", "circleci.com", oidc, byGroup, []int{deptEngineering}, 0.1, 0.6},
	{"Adobe Creative Cloud", "adobe_creative_cloud", "adobe.com", saml, byPerson, []int{deptProduct, deptMarketing}, 0.08, 0.9},
	{"NetSuite", "netsuite", "netsuite.com", saml, byDept, []int{deptFinance}, 1, 1.5},
	{"Coupa", "coupa", "coupahost.com", saml, byGroup, []int{deptFinance}, 0.06, 0.6},
	{"Culture Amp", "cultureamp", "cultureamp.com", saml, everyone, nil, 1, 0.1},
	{"KnowBe4", "knowbe4", "knowbe4.com", saml, everyone, nil, 1, 0.08},
	{"Airtable", "airtable", "airtable.com", saml, byPerson, []int{deptMarketing}, 0.05, 0.6},
	{"Calendly", "calendly", "calendly.com", oidc, byGroup, []int{deptSales, deptPeople}, 0.15, 0.6},
	{"Intercom", "intercom", "intercom.com", saml, byGroup, []int{deptSupport}, 0.06, 0.9},
	{"Postman", "postman", "postman.com", saml, byGroup, []int{deptEngineering}, 0.12, 0.5},
	{"Dropbox Business", "dropbox_for_business", "dropbox.com", saml, byPerson, []int{deptMarketing}, 0.06, 0.4},
	{"Amazon Web Services", "amazon_aws", "aws.amazon.com", saml, byGroup, []int{deptEngineering, deptIT}, 0.12, 1.2},
}

// entraApps are behind Entra ID alone.
var entraApps = []appSpec{
	{label: "Microsoft Power BI", domain: "powerbi.com", depts: []int{deptFinance, deptSales}, share: 0.3, popularity: 1.1},
	{label: "Microsoft Dynamics 365", domain: "dynamics.com", depts: []int{deptSupport}, share: 0.2, popularity: 1.3},
	{label: "SAP Concur", domain: "concursolutions.com", depts: []int{deptSales}, share: 0.6, popularity: 0.3},
	{label: "Smartsheet", domain: "smartsheet.com", depts: []int{deptMarketing}, share: 0.2, popularity: 0.7},
	{label: "ServiceNow", domain: "service-now.com", depts: []int{deptIT}, share: 0.5, popularity: 0.6},
	{label: "Cisco Webex", domain: "webex.com", depts: []int{deptSales}, share: 0.1, popularity: 0.4},
	{label: "Monday.com", domain: "monday.com", depts: []int{deptMarketing}, share: 0.12, popularity: 0.8},
	{label: "Grafana Cloud", domain: "grafana.net", depts: []int{deptEngineering}, share: 0.12, popularity: 0.8},
}

// shadowApp is bought on company cards or merely visited; no identity provider knows it.
type shadowApp struct {
	name, domain, category string
	merchant               string // as the card network prints it; empty: never paid
	amount                 float64
	currency               string
	buyers                 int
	visitors               float64 // share of the people
}

var shadowApps = []shadowApp{
	{"Grammarly", "grammarly.com", "Writing", "GRAMMARLY CO 8MKSHG3", 30, "USD", 6, 0.08},
	{"Midjourney", "midjourney.com", "Generative AI", "PAYPAL *MIDJOURNEY", 60, "USD", 3, 0.03},
	{"Otter.ai", "otter.ai", "Transcription", "SQ *OTTER.AI", 16.99, "USD", 2, 0.03},
	{"ChatGPT", "chatgpt.com", "Generative AI", "OPENAI *CHATGPT SUBSCR", 20, "USD", 9, 0.25},
	{"Canva", "canva.com", "Design", "CANVA* I04122-33411", 12.99, "EUR", 4, 0.08},
	{"Loom", "loom.com", "Video", "LOOM SUBSCRIPTION", 150, "USD", 1, 0.05},
	{"Typeform", "typeform.com", "Forms", "TYPEFORM, S.L.", 50, "EUR", 2, 0.02},
	{"Perplexity", "perplexity.ai", "Generative AI", "PERPLEXITY AI INC", 20, "GBP", 2, 0.06},
	{"WeTransfer", "wetransfer.com", "Cloud Storage", "", 0, "", 0, 0.07},
	{"Trello", "trello.com", "Project Management", "", 0, "", 0, 0.05},
}
