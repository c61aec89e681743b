-- description: Sign-ins to apps through identity providers, failed and social ones included; only successful managed ones count as logins.
-- grain: connection, event_id
-- materialize: upsert
-- key: connection, event_id
-- date: login_date
-- person: identifier, person_id
-- column connection: The connection that saw the sign-in.
-- column idp: The identity provider: okta, onelogin, entra_id, …; NULL when the connection does not say.
-- column app_id: The app signed in to.
-- column instance_id: The app's instance.
-- column event_id: The vendor's id of the event; a hash of its content where there is none.
-- column occurred_at: TIMESTAMP, UTC.
-- column login_date: DATE of occurred_at in the organisation's time zone.
-- column identifier: What the source called the person: address in lower case, or connection:id.
-- column person_id: The person, see core.people; starts with service: for service accounts.
-- column email: The address as sent; NULL when the source gave none.
-- column outcome: SUCCESS or FAILURE; the source's own word where no list knows it, which counts as neither.
-- column kind: managed or social; social sign-ins never count as managed ones. The source's own word where no list knows it, which counts as neither.
-- column seq: Order of arrival in the lake; the larger version of an event counts.
SELECT
    s.connection,
    c.idp,
    m.app_id,
    m.instance_id,
    s.event_id,
    s.occurred_at,
    s.event_date AS login_date,
    s.identifier,
    i.person_id,
    s.email,
    coalesce(upper(s.outcome), 'SUCCESS') AS outcome,
    coalesce(lower(s.kind), 'managed') AS kind,
    s.seq
FROM (
    SELECT *, row_number() OVER (PARTITION BY connection, event_id ORDER BY seq DESC) AS version
    FROM staging.sso_logins
    WHERE aside IS NULL
) AS s
INNER JOIN params.connections AS c ON c.connection = s.connection
INNER JOIN metrics.app_map AS m
    ON m.connection = s.connection
    AND m.source_app_id = coalesce(s.source_app_id, '')
    AND m.app_key = coalesce(s.app_key, '')
    AND m.instance_key = coalesce(s.instance_key, '')
INNER JOIN metrics.identity AS i ON i.identifier = s.identifier
WHERE s.version = 1 AND (c.disconnected_on IS NULL OR s.event_date <= c.disconnected_on)
