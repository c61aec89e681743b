-- feed: allocations
-- shape: state
-- description: The share of an app's contract value that a team bears, in percent.
-- columns: connection VARCHAR, read_at TIMESTAMP, app VARCHAR, team VARCHAR, percent DECIMAL(9,4)
-- bounds: percent -1000..1000
-- vital: percent
SELECT
    *,
    CASE WHEN app IS NULL OR coalesce(trim(team), '') = '' OR percent IS NULL THEN 'no_share' END AS aside,
    coalesce(app, team) AS named,
    names.slug(app) AS app_key
FROM staging.allocations__rows
