-- feed: allocations
-- shape: state
-- description: The share of an app's contract value that a team bears, in percent.
-- columns: connection VARCHAR, read_at TIMESTAMP, app VARCHAR, team VARCHAR, percent DECIMAL(9,4)
SELECT
    *,
    nullif(trim(regexp_replace(lower(app), '[^\p{L}\p{N}]+', '-', 'g'), '-'), '') AS app_key
FROM staging.allocations__rows
