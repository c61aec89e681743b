-- description: How the contract value of each app is spread over teams: by provisioned licence or evenly over employees, and whether percentages for its teams come before that.
-- grain: app_id
-- materialize: table
-- key: app_id
SELECT
    a.app_id,
    coalesce(p.method, d.method) AS method,
    s.app_id IS NOT NULL AS has_percentages
FROM core.apps AS a
CROSS JOIN (SELECT method FROM params.allocation WHERE app_id = '') AS d
LEFT JOIN params.allocation AS p ON p.app_id = a.app_id
LEFT JOIN (SELECT DISTINCT app_id FROM metrics.allocation_shares WHERE is_complete) AS s ON s.app_id = a.app_id
