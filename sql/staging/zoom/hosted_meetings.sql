-- feed: engagement
-- leaves: no_address
-- description: One hosted_meeting event per past Zoom meeting, of its host.
WITH field AS (
    SELECT connection, seq, record_id, event_at, nullif(trim(json_extract_string(payload, '$.email')), '') AS email
    FROM raw.zoom__meetings
)
SELECT
    connection, seq,
    'hosted_meeting|' || record_id AS event_id,
    event_at AS occurred_at,
    email,
    'hosted_meeting' AS event,
    1 AS event_count
FROM field
WHERE email LIKE '%_@_%'
