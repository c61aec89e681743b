-- feed: contracts
-- shape: state
-- readings: all
-- description: Contract lines, one row per line; the contract's own fields stand on each of its lines.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
--   contract_id VARCHAR, line_id VARCHAR, vendor VARCHAR, app VARCHAR, instance VARCHAR, tier VARCHAR,
--   start_date DATE, end_date DATE, licences BIGINT, unit_price DECIMAL(18,4), billing_period VARCHAR,
--   currency VARCHAR, auto_renew BOOLEAN, notice_days BIGINT, is_user_licence BOOLEAN, owner_email VARCHAR, status VARCHAR
SELECT
    *,
    nullif(trim(regexp_replace(lower(app), '[^\p{L}\p{N}]+', '-', 'g'), '-'), '') AS app_key,
    nullif(trim(regexp_replace(lower(vendor), '[^\p{L}\p{N}]+', '-', 'g'), '-'), '') AS vendor_key,
    nullif(trim(instance), '') AS instance_key
FROM staging.contracts__rows
