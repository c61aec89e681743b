-- feed: engagement
-- shape: events
-- date: event_date
-- description: What people did inside an application, one row per event.
-- columns: connection VARCHAR, seq BIGINT, event_id VARCHAR, occurred_at TIMESTAMP, app VARCHAR, instance VARCHAR,
--   source_user_id VARCHAR, email VARCHAR, event VARCHAR, event_count BIGINT
-- bounds: occurred_at 2000-01-01..2199-12-31, event_count 0..1000000000000
-- vital: occurred_at
SELECT
    r.*,
    CASE WHEN r.occurred_at IS NULL THEN 'no_time' WHEN r.event IS NULL THEN 'no_event' WHEN coalesce(nullif(trim(r.email), ''), r.source_user_id) IS NULL THEN 'no_person' END AS aside,
    r.event_id AS named,
    CAST((r.occurred_at AT TIME ZONE 'UTC') AT TIME ZONE p.timezone AS DATE) AS event_date,
    names.slug(r.app) AS app_key,
    nullif(trim(r.instance), '') AS instance_key,
    coalesce(nullif(lower(trim(r.email)), ''), r.connection || ':' || r.source_user_id) AS identifier
FROM staging.engagement__rows AS r
CROSS JOIN params.run AS p
