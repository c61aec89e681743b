-- description: Shares of teams in an app's contract value that do not sum to 100: the value is spread as if there were none. Shares of teams that nobody is in. And contract value that is no team's, as nobody is known to have a seat.
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
LEFT JOIN (SELECT DISTINCT as_of, app_id FROM reports.team_cost WHERE allocated_contract_value IS NOT NULL) AS t ON t.as_of = p.as_of AND t.app_id = p.app_id
WHERE p.contract_annual_spend <> 0 AND t.app_id IS NULL
UNION ALL
SELECT
    'allocations.unknown_team',
    'warning',
    count(*),
    min('"' || s.team || '" of ' || s.app_id || ': nobody employed is in a team of that name; its share goes there all the same; correct the allocations file')
FROM metrics.allocation_shares AS s
CROSS JOIN params.run AS r
LEFT JOIN metrics.org_dimensions AS o ON o.as_of = r.as_of AND o.dimension = 'team' AND o.dimension_value = s.team
WHERE s.is_complete AND s.percent <> 0 AND o.dimension_value IS NULL
