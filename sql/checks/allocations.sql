-- description: Shares of teams in an app's contract value that do not sum to 100: the value is spread as if there were none. And contract value that is no team's, as nobody is known to have a seat.
SELECT
    'allocations.not_100_percent' AS check_name,
    'error' AS severity,
    count(*) AS failing_rows,
    min(s.app_id || ': the percentages sum to ' || CAST(s.total AS VARCHAR) || ', not 100, so its contract value is spread without them; correct the allocations file') AS sample
FROM (SELECT DISTINCT app_id, total FROM metrics.allocation_shares WHERE NOT is_complete) AS s
UNION ALL
SELECT
    'allocations.unallocated',
    'info',
    count(*),
    min(p.app_id || ': ' || CAST(p.contract_annual_spend AS VARCHAR) || ' a year is in no team''s share, as nobody is known to be provisioned; `allocation: employees` in the configuration spreads it evenly')
FROM reports.app_portfolio AS p
INNER JOIN params.run AS r ON r.as_of = p.as_of
LEFT JOIN (SELECT DISTINCT as_of, app_id FROM reports.team_engagement) AS t ON t.as_of = p.as_of AND t.app_id = p.app_id
WHERE p.contract_annual_spend <> 0 AND t.app_id IS NULL
