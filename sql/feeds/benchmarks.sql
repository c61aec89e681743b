-- feed: benchmarks
-- shape: state
-- description: Reference distributions to compare with.
-- columns: connection VARCHAR, read_at TIMESTAMP, app VARCHAR, metric VARCHAR, cohort VARCHAR, n BIGINT, p25 DECIMAL(24,10),
--   p33 DECIMAL(24,10), p50 DECIMAL(24,10), p66 DECIMAL(24,10), p75 DECIMAL(24,10), benchmark_as_of DATE, benchmark_source VARCHAR, currency VARCHAR
-- bounds: n 0..1000000000, p25 -1000000000000..1000000000000, p33 -1000000000000..1000000000000, p50 -1000000000000..1000000000000, p66 -1000000000000..1000000000000, p75 -1000000000000..1000000000000, benchmark_as_of 1990-01-01..2199-12-31
-- vital: n
SELECT
    *,
    CASE WHEN app IS NULL OR metric IS NULL OR cohort IS NULL THEN 'no_key' END AS aside,
    coalesce(app, metric) AS named,
    names.slug(app) AS app_key
FROM staging.benchmarks__rows
