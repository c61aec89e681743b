-- feed: idp_apps
-- shape: snapshot
-- description: The applications set up in an identity provider, one row per application and snapshot.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
--   source_app_id VARCHAR, app VARCHAR, status VARCHAR
SELECT
    *,
    CASE WHEN source_app_id IS NULL THEN 'no_app' END AS aside,
    coalesce(app, source_app_id) AS named,
    names.slug(app) AS app_key
FROM staging.idp_apps__rows
