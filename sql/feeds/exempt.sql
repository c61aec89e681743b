-- feed: exempt
-- shape: state
-- description: People whose licences are never touched; without an app, for every app.
-- columns: connection VARCHAR, read_at TIMESTAMP, email VARCHAR, app VARCHAR
SELECT
    *,
    CASE WHEN nullif(trim(email), '') IS NULL THEN 'no_address' END AS aside,
    email AS named,
    nullif(lower(trim(email)), '') AS identifier,
    names.slug(app) AS app_key
FROM staging.exempt__rows
