-- description: Every way in which a source ever named an app, and since when a source of usage did. Empty text stands for what it did not say; a domain stands in source_app_id as domain:name.
-- grain: connection, source_app_id, app_key, instance_key
-- materialize: accumulate
-- key: connection, source_app_id, app_key, instance_key
-- least: first_seen, first_used
SELECT
    u.connection,
    coalesce(u.source_app_id, '') AS source_app_id,
    coalesce(u.app_key, '') AS app_key,
    coalesce(u.instance_key, '') AS instance_key,
    min(u.seen) AS first_seen,
    min(u.used) AS first_used,
    min(u.app) AS app_text
FROM (
    SELECT connection, source_app_id, app_key, instance_key, event_date AS seen, event_date AS used, app FROM staging.sso_logins
    UNION ALL
    SELECT connection, source_app_id, app_key, instance_key, snapshot_date, snapshot_date, app FROM staging.sso_assignments
    UNION ALL
    SELECT connection, source_app_id, app_key, NULL, snapshot_date, snapshot_date, app FROM staging.idp_apps
    UNION ALL
    SELECT connection, NULL, app_key, instance_key, snapshot_date, snapshot_date, app FROM staging.roster
    UNION ALL
    -- A whole list of nobody names its connection's own app.
    SELECT n.connection, NULL, NULL, NULL, n.snapshot_date, n.snapshot_date, NULL
    FROM raw.new_snapshots AS n
    LEFT JOIN (
        SELECT DISTINCT 'roster' AS feed, connection, snapshot_date FROM staging.roster
        UNION ALL
        SELECT DISTINCT 'sso_assignments', connection, snapshot_date FROM staging.sso_assignments
    ) AS r
        ON r.feed = n.feed AND r.connection = n.connection AND r.snapshot_date = n.snapshot_date
    WHERE n.feed IN ('roster', 'sso_assignments') AND r.connection IS NULL
    UNION ALL
    SELECT connection, NULL, app_key, instance_key, event_date, event_date, app FROM staging.engagement
    UNION ALL
    SELECT connection, CASE WHEN app_key IS NULL THEN 'domain:' || domain_key END, app_key, NULL, event_date, event_date, app FROM staging.network
    UNION ALL
    SELECT connection, NULL, app_key, instance_key, snapshot_date, NULL, app
    FROM staging.contracts
    WHERE coalesce(is_user_licence, true)
) AS u
GROUP BY u.connection, coalesce(u.source_app_id, ''), coalesce(u.app_key, ''), coalesce(u.instance_key, '')
