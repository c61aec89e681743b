// Package simulator is a made-up organisation and the vendors that know it: Okta, Entra ID,
// Zoom, BambooHR, Netskope, Ramp and Ironclad, each served on loopback in its own API's
// shapes. The demo and the end-to-end tests run on it, through the real connectors.
//
// Everything follows from a seed: a day's events are worked out from the seed and the day alone,
// so any day can be had in any order, and the same seed gives the same bytes. The
// servers take "now" from a clock; a vendor shows only what exists by then and has not passed
// its retention. Nothing here knows rightseat's connectors: the servers answer as vendors do.
//
// # The story
//
// What an analyst should find in [CompanyName] by the end of the default history
// (constants name the people and apps; dates are days before the end):
//
//   - Estimates of each basis. sso_assigned and, between snapshots, sso_assigned_estimated: the
//     apps behind Okta that have no connector of their own. sso_login_120d: the apps behind Entra
//     ID (Microsoft Power BI, SAP Concur, …). connector_exact: Figma by uploaded rosters, and Zoom
//     since day 60, when its token was granted the scope that lists users; until then GET /users
//     answers 400 with code 4711, and Zoom is engaged_120d. engaged_120d to the end: [StoryOwnApp],
//     an application of the company's own that uploads events but no roster. none: [StoryDisconnectedApp],
//     whose uploads stopped and whose connection was given up on day 90.
//   - Leavers who still hold seats: [StoryLeaverInOkta] left on day 75 and is still assigned in
//     Okta; [StoryLeaverOnZoom] left on day 50 and still has a Zoom licence. Others like them.
//   - One person, several addresses: Zoom knows [StoryAlias] as [StoryAliasOld], at the domain from
//     before the company's rename, which BambooHR lists as home e-mail. [StoryRenamed] was
//     [StoryRenamedOld] until day 110; Zoom keeps the old address. Others have the former domain, too.
//   - [StoryStopped] used Figma daily and stopped on day 100.
//   - Accounts that are no employees: [StoryContractor] and other contractors are in Okta and Entra ID
//     but not in BambooHR; svc-… service accounts; the shared mailbox info@.
//   - Shadow IT: Grammarly, Midjourney (as PAYPAL *MIDJOURNEY), Otter.ai (as SQ *OTTER.AI), ChatGPT,
//     Canva (EUR), Loom, Typeform (EUR) and Perplexity (GBP) on company cards; those and WeTransfer and
//     Trello in Netskope's traffic. [StoryBuyer] pays for Grammarly and Loom.
//   - Spend that needs care: a refund 49 hours after the third charge of some subscriptions; Loom's last
//     charge handed in again as expense EXP-DUP-1; declined and pending charges; lines in EUR and GBP;
//     vendors that are no software; one transaction whose amount is the text "n/a".
//   - Contracts: Slack is over-provisioned (fewer licences than assignments); [StoryUnusedContract] is
//     paid and set up in Okta, but assigned to nobody; Zoom renews itself in 75 days and must be given notice in 15; Miro's ended 40
//     days ago without renewal and is still used; Jira ends in 35 days; an office lease and a support
//     fee that are no licences.
//   - Zoom Sandbox, a second instance of Zoom, behind Okta.
//   - A connection that broke: from day 21 on Netskope answers 403, its token having expired.
//   - Untidy data: Okta events stored up to 25 minutes late, so out of order by published; Entra sign-ins
//     shown up to 90 minutes late; Netskope events stored up to an hour late, ids beyond 2^53, numbers as
//     texts, an IP address for a user; postal codes as numbers, the text "null", null mail addresses;
//     meeting UUIDs with slashes; guests without an address; now and then a 429.
package simulator
