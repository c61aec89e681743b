-- description: App instances whose assignments are not whole in a snapshot, because one of the applications that open them could not be read. The last whole ones stand in core.sso_assignments in their place.
-- grain: connection, snapshot_date, app_id, instance_id
-- materialize: snapshot
-- snapshots: sso_unread
-- date: snapshot_date
SELECT
    s.connection,
    s.snapshot_date,
    m.app_id,
    m.instance_id,
    -- Nobody asks for it, and nobody knows, only where all of it is left out.
    min(CASE WHEN s.left_out THEN 1 ELSE 0 END) = 1 AS is_left_out
FROM staging.sso_unread AS s
INNER JOIN metrics.app_map AS m ON m.connection = s.connection AND m.source_app_id = s.source_app_id
-- A list that was whole earlier on the same day is of that day.
WHERE s.is_current AND s.kept_date IS DISTINCT FROM s.snapshot_date
GROUP BY s.connection, s.snapshot_date, m.app_id, m.instance_id
