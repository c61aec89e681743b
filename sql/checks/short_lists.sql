-- description: Streams of which the newest list lacks more of its records than a list may: their numbers are marked stale.
SELECT
    s.connection || '.' || s.stream || '.list_short' AS check_name,
    'error' AS severity,
    CAST(1 AS BIGINT) AS failing_rows,
    s.problem || '. Numbers from it are marked stale. ' || s.remedy AS sample
FROM metrics.streams_short AS s
