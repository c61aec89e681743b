-- feed: sso_assignments
-- shape: snapshot
-- description: Who is assigned to which application in the identity provider, one row per person, application and snapshot.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
--   source_app_id VARCHAR, app VARCHAR, instance VARCHAR, source_user_id VARCHAR, email VARCHAR,
--   assigned_via VARCHAR, groups VARCHAR
SELECT
    *,
    nullif(trim(regexp_replace(lower(app), '[^\p{L}\p{N}]+', '-', 'g'), '-'), '') AS app_key,
    nullif(trim(instance), '') AS instance_key,
    coalesce(nullif(lower(trim(email)), ''), connection || ':' || source_user_id) AS identifier
FROM staging.sso_assignments__rows
