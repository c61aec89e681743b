-- description: Shares of teams in an app's contract value that do not sum to 100: the value is spread by provisioned people instead.
SELECT
    'allocations.not_100_percent' AS check_name,
    'error' AS severity,
    count(*) AS failing_rows,
    min(s.app_id || ': the percentages sum to ' || CAST(s.total AS VARCHAR) || ', not 100; correct the allocations file') AS sample
FROM (SELECT DISTINCT app_id, total FROM metrics.allocation_shares WHERE NOT is_complete) AS s
