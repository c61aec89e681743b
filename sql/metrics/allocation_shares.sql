-- description: The shares in which an app's contract value is spread over teams, where an allocations file says so and its percentages sum to 100 (to 0.05).
-- grain: app_id, team
-- materialize: table
-- key: app_id, team
WITH named AS (
    SELECT
        coalesce(k.app_id, s.app_key) AS app_id,
        trim(s.team) AS team,
        sum(s.percent) AS percent
    FROM staging.allocations AS s
    INNER JOIN params.connections AS c ON c.connection = s.connection
    LEFT JOIN names.app_aliases AS k ON k.app_key = s.app_key
    WHERE s.app_key IS NOT NULL AND trim(s.team) <> '' AND s.percent IS NOT NULL
    GROUP BY coalesce(k.app_id, s.app_key), trim(s.team)
),
totals AS (
    SELECT app_id, sum(percent) AS total, min(percent) AS least_percent
    FROM named
    GROUP BY app_id
)
SELECT
    n.app_id,
    n.team,
    CAST(n.percent AS DECIMAL(9, 4)) AS percent,
    CAST(t.total AS DECIMAL(9, 4)) AS total,
    abs(t.total - 100) <= 0.05 AND t.least_percent >= 0 AS is_complete
FROM named AS n
INNER JOIN totals AS t ON t.app_id = n.app_id
