-- description: The applications set up in identity providers, one set per whole snapshot. One that is listed and assigned to nobody has no users, which is known.
-- grain: connection, snapshot_date, source_app_id
-- materialize: snapshot
-- snapshots: idp_apps
-- date: snapshot_date
-- column connection: The identity provider's connection.
-- column idp: The identity provider: okta, onelogin, …; NULL when the connection does not say.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column snapshot_date: DATE of the snapshot, organisation's time zone.
-- column source_app_id: The identity provider's id of the application.
-- column label: What it is called there.
-- column status: active or inactive; the source's own word where it is neither.
SELECT a.connection, a.idp, a.app_id, a.instance_id, a.snapshot_date, a.source_app_id, a.label, a.status
FROM (
    -- Of the records of one application in one list one counts, as it was sent.
    SELECT
        s.connection, c.idp, m.app_id, m.instance_id, s.snapshot_date, s.source_app_id, s.app AS label, s.status,
        row_number() OVER (
            PARTITION BY s.connection, s.snapshot_date, s.source_app_id
            ORDER BY s.read_at DESC, s.status, s.app, s.snapshot_id
        ) AS choice
    FROM staging.idp_apps AS s
    INNER JOIN params.connections AS c ON c.connection = s.connection
    INNER JOIN metrics.app_map AS m
        ON m.connection = s.connection AND m.source_app_id = s.source_app_id
        AND m.app_key = coalesce(s.app_key, '') AND m.instance_key = ''
    WHERE s.is_current AND s.source_app_id IS NOT NULL AND (c.disconnected_on IS NULL OR s.snapshot_date <= c.disconnected_on)
) AS a
WHERE a.choice = 1
