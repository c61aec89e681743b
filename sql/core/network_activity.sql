-- description: Traffic to apps as a CASB or network gateway saw it. It exists for the app as a whole, not per instance.
-- grain: connection, event_id
-- materialize: upsert
-- key: connection, event_id
-- date: activity_date
-- person: identifier, person_id
-- column connection: The connection that brought the record.
-- column app_id: The app.
-- column event_id: The vendor's id of the record; a hash of its content where there is none.
-- column occurred_at: TIMESTAMP, UTC.
-- column activity_date: DATE of occurred_at in the organisation's time zone.
-- column domain: The host spoken to, lower case, without scheme, user, port and path; NULL when the source named an app only.
-- column identifier: The person's address in lower case; NULL when the source knew only a device.
-- column person_id: The person, see core.people; NULL when unknown.
-- column device: The device, as sent; NULL when the source names none.
-- column bytes: Bytes in both directions; NULL when unknown.
-- column requests: Requests; NULL when unknown.
-- column seq: Order of arrival in the lake; the larger version of a record counts.
SELECT
    s.connection,
    m.app_id,
    s.event_id,
    s.occurred_at,
    s.event_date AS activity_date,
    s.domain_key AS domain,
    s.identifier,
    i.person_id,
    s.device,
    s.bytes,
    s.requests,
    s.seq
FROM (
    SELECT *, row_number() OVER (PARTITION BY connection, event_id ORDER BY seq DESC) AS version
    FROM staging.network
    WHERE aside IS NULL
) AS s
INNER JOIN params.connections AS c ON c.connection = s.connection
INNER JOIN metrics.app_map AS m
    ON m.connection = s.connection
    AND m.source_app_id = CASE WHEN s.app_key IS NULL THEN coalesce('domain:' || s.domain_key, '') ELSE '' END
    AND m.app_key = coalesce(s.app_key, '')
    AND m.instance_key = ''
LEFT JOIN metrics.identity AS i ON i.identifier = s.identifier
WHERE s.version = 1 AND (c.disconnected_on IS NULL OR s.event_date <= c.disconnected_on)
