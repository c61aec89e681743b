-- description: What an identity provider's application is called now.
-- grain: connection, source_app_id
-- materialize: accumulate
-- key: connection, source_app_id
-- latest: seen, read_at
SELECT connection, source_app_id, app_key, app, snapshot_date AS seen, read_at
FROM staging.idp_apps
WHERE source_app_id IS NOT NULL AND app_key IS NOT NULL
