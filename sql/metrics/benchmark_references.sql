-- description: Reference distributions from uploaded or pooled files, newest version of each cell.
-- grain: app_id, metric, cohort
-- materialize: table
-- key: app_id, metric, cohort
SELECT app_id, metric, cohort, n, p25, p33, p50, p66, p75
FROM (
    SELECT
        coalesce(a.app_id, b.app_key) AS app_id,
        lower(trim(b.metric)) AS metric,
        trim(b.cohort) AS cohort,
        b.n, b.p25, b.p33, b.p50, b.p66, b.p75,
        row_number() OVER (
            PARTITION BY coalesce(a.app_id, b.app_key), lower(trim(b.metric)), trim(b.cohort)
            ORDER BY b.benchmark_as_of DESC NULLS LAST, b.read_at DESC, b.connection
        ) AS choice
    FROM staging.benchmarks AS b
    LEFT JOIN params.app_aliases AS a ON a.app_key = b.app_key
    WHERE b.app_key IS NOT NULL AND b.metric IS NOT NULL AND b.cohort IS NOT NULL
) AS r
WHERE choice = 1
