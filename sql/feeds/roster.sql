-- feed: roster
-- shape: snapshot
-- description: The accounts of an application as its own API or an upload lists them, one row per account and snapshot.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
--   app VARCHAR, instance VARCHAR, account_id VARCHAR, email VARCHAR, username VARCHAR, tier VARCHAR,
--   status VARCHAR, created_at TIMESTAMP
SELECT
    *,
    nullif(trim(regexp_replace(lower(app), '[^\p{L}\p{N}]+', '-', 'g'), '-'), '') AS app_key,
    nullif(trim(instance), '') AS instance_key,
    coalesce(nullif(trim(account_id), ''), nullif(lower(trim(email)), ''), nullif(trim(username), '')) AS account_key,
    coalesce(nullif(lower(trim(email)), ''), connection || ':' || coalesce(nullif(trim(account_id), ''), trim(username))) AS identifier
FROM staging.roster__rows
