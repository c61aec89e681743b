-- feed: network
-- shape: events
-- date: event_date
-- description: Traffic to applications seen by a CASB or network gateway, one row per event or aggregate.
-- columns: connection VARCHAR, seq BIGINT, event_id VARCHAR, occurred_at TIMESTAMP, app VARCHAR, domain VARCHAR,
--   email VARCHAR, device VARCHAR, bytes BIGINT, requests BIGINT
-- bounds: occurred_at 2000-01-01..2199-12-31, bytes 0..1000000000000000, requests 0..1000000000000
-- vital: occurred_at
SELECT
    r.*,
    CASE WHEN r.occurred_at IS NULL THEN 'no_time' END AS aside,
    r.event_id AS named,
    CAST((r.occurred_at AT TIME ZONE 'UTC') AT TIME ZONE p.timezone AS DATE) AS event_date,
    names.slug(r.app) AS app_key,
    nullif(lower(trim(r.domain)), '') AS domain_key,
    nullif(lower(trim(r.email)), '') AS identifier
FROM staging.network__rows AS r
CROSS JOIN params.run AS p
