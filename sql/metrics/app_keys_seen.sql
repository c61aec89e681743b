-- description: Every way in which a source ever named an app. Empty text stands for what it did not say; a domain stands in source_app_id as domain:name.
-- grain: connection, source_app_id, app_key, instance_key
-- materialize: accumulate
-- key: connection, source_app_id, app_key, instance_key
-- least: first_seen
SELECT
    u.connection,
    coalesce(u.source_app_id, '') AS source_app_id,
    coalesce(u.app_key, '') AS app_key,
    coalesce(u.instance_key, '') AS instance_key,
    min(u.seen) AS first_seen,
    min(u.app) AS app_text
FROM (
    SELECT connection, source_app_id, app_key, instance_key, event_date AS seen, app FROM staging.sso_logins
    UNION ALL
    SELECT connection, source_app_id, app_key, instance_key, snapshot_date, app FROM staging.sso_assignments
    UNION ALL
    SELECT connection, source_app_id, app_key, NULL, snapshot_date, app FROM staging.idp_apps
    UNION ALL
    SELECT connection, NULL, app_key, instance_key, snapshot_date, app FROM staging.roster
    UNION ALL
    SELECT connection, NULL, app_key, instance_key, event_date, app FROM staging.engagement
    UNION ALL
    SELECT connection, CASE WHEN app_key IS NULL THEN 'domain:' || domain_key END, app_key, NULL, event_date, app FROM staging.network
    UNION ALL
    SELECT connection, NULL, app_key, instance_key, snapshot_date, app
    FROM staging.contracts
    WHERE coalesce(is_user_licence, true)
) AS u
GROUP BY u.connection, coalesce(u.source_app_id, ''), coalesce(u.app_key, ''), coalesce(u.instance_key, '')
