-- description: What people did inside apps.
-- grain: connection, event_id
-- materialize: upsert
-- key: connection, event_id
-- date: event_date
-- person: identifier, person_id
-- column connection: The connection that brought the event.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column event_id: The vendor's id of the event; a hash of its content where there is none.
-- column occurred_at: TIMESTAMP, UTC.
-- column event_date: DATE of occurred_at in the organisation's time zone.
-- column identifier: What the source called the person: address in lower case, or connection:id.
-- column person_id: The person, see core.people; starts with service: for service accounts.
-- column email: The address as sent; NULL when the source gave none.
-- column event: The feature event, e.g. hosted_meeting.
-- column event_count: How many times; 1 unless the source counts.
-- column is_engaged: Whether the event is an engaged user action: as the seed list says for apps that have one, else true.
-- column stream: The stream of the connection that brought it.
-- column seq: Order of arrival in the lake; the larger version of an event counts.
SELECT
    s.connection,
    m.app_id,
    m.instance_id,
    s.event_id,
    s.occurred_at,
    s.event_date,
    s.identifier,
    i.person_id,
    s.email,
    s.event,
    CAST(coalesce(s.event_count, 1) AS BIGINT) AS event_count,
    CASE WHEN l.app_id IS NULL THEN true ELSE coalesce(e.is_engaged = 'yes', false) END AS is_engaged,
    s.seq,
    s.stream
FROM (
    SELECT *, row_number() OVER (PARTITION BY connection, event_id ORDER BY seq DESC) AS version
    FROM staging.engagement
    WHERE aside IS NULL
) AS s
INNER JOIN params.connections AS c ON c.connection = s.connection
INNER JOIN metrics.app_map AS m
    ON m.connection = s.connection
    AND m.source_app_id = ''
    AND m.app_key = coalesce(s.app_key, '')
    AND m.instance_key = coalesce(s.instance_key, '')
INNER JOIN metrics.identity AS i ON i.identifier = s.identifier
LEFT JOIN (SELECT DISTINCT app_id FROM seeds.engaged_actions) AS l ON l.app_id = m.app_id
LEFT JOIN seeds.engaged_actions AS e ON e.app_id = m.app_id AND e.event = s.event
WHERE s.version = 1 AND (c.disconnected_on IS NULL OR s.event_date <= c.disconnected_on)
