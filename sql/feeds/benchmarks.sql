-- feed: benchmarks
-- shape: state
-- description: Reference distributions to compare with.
-- columns: connection VARCHAR, read_at TIMESTAMP, app VARCHAR, metric VARCHAR, cohort VARCHAR, n BIGINT, p25 DOUBLE, p33 DOUBLE,
--   p50 DOUBLE, p66 DOUBLE, p75 DOUBLE, benchmark_as_of DATE, benchmark_source VARCHAR
SELECT
    *,
    nullif(trim(regexp_replace(lower(app), '[^\p{L}\p{N}]+', '-', 'g'), '-'), '') AS app_key
FROM staging.benchmarks__rows
