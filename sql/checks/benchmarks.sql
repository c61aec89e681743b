-- description: Rows of benchmark files that break a rule: they are not compared with.
SELECT
    'benchmarks.not_usable' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(b.connection || ': ' || b.app_id || ', ' || b.metric || ', ' || b.cohort || ': ' || b.problem) AS sample
FROM metrics.benchmark_cells AS b
WHERE b.problem IS NOT NULL
