-- description: Reference distributions from uploaded or pooled files, newest version of each cell; what breaks the rules is left out.
-- grain: app_id, metric, cohort
-- materialize: table
-- key: app_id, metric, cohort
SELECT app_id, metric, cohort, n, p25, p33, p50, p66, p75
FROM (
    SELECT
        b.*,
        row_number() OVER (
            PARTITION BY b.app_id, b.metric, b.cohort
            ORDER BY b.benchmark_as_of DESC NULLS LAST, b.read_at DESC, b.connection, b.n DESC, b.p50, b.p25, b.p75, b.p33, b.p66
        ) AS choice
    FROM metrics.benchmark_cells AS b
    WHERE b.problem IS NULL
) AS r
WHERE choice = 1
