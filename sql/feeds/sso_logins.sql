-- feed: sso_logins
-- shape: events
-- date: event_date
-- description: Sign-ins to applications through an identity provider, one row per attempt.
-- columns: connection VARCHAR, seq BIGINT, event_id VARCHAR, occurred_at TIMESTAMP, source_app_id VARCHAR,
--   app VARCHAR, instance VARCHAR, source_user_id VARCHAR, email VARCHAR, outcome VARCHAR, kind VARCHAR
SELECT
    r.*,
    CAST((r.occurred_at AT TIME ZONE 'UTC') AT TIME ZONE p.timezone AS DATE) AS event_date,
    nullif(trim(regexp_replace(lower(r.app), '[^\p{L}\p{N}]+', '-', 'g'), '-'), '') AS app_key,
    nullif(trim(r.instance), '') AS instance_key,
    coalesce(nullif(lower(trim(r.email)), ''), r.connection || ':' || r.source_user_id) AS identifier
FROM staging.sso_logins__rows AS r
CROSS JOIN params.run AS p
