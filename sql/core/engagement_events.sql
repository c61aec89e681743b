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
-- column event: The feature event, e.g. hosted_meeting; as the app's list spells it, where it has one that knows it, else as sent.
-- column event_count: How many times; 1 unless the source counts.
-- column is_engaged: Whether the event is an engaged user action, as the app's list says; true where the app has no list. NULL for an event that the list does not know: it is no engagement, and data_quality names it.
-- column stream: The stream of the connection that brought it.
-- column seq: Order of arrival in the lake; the larger version of an event counts.
WITH listed AS (
    SELECT w.app_id, w.word, min(w.event) AS event, max(w.is_engaged) = 'yes' AS is_engaged
    FROM (
        SELECT app_id, event, is_engaged, names.underscored(event) AS word FROM seeds.engaged_actions
        UNION ALL
        SELECT app_id, event, is_engaged, names.underscored(action) FROM seeds.engaged_actions
    ) AS w
    WHERE w.word IS NOT NULL
    GROUP BY w.app_id, w.word
)
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
    coalesce(e.event, s.event) AS event,
    CAST(coalesce(s.event_count, 1) AS BIGINT) AS event_count,
    CASE WHEN l.app_id IS NULL THEN true ELSE e.is_engaged END AS is_engaged,
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
LEFT JOIN listed AS e ON e.app_id = m.app_id AND e.word = names.underscored(s.event)
WHERE s.version = 1 AND (c.disconnected_on IS NULL OR s.event_date <= c.disconnected_on)
