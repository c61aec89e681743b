-- description: Accounts per instance in each whole roster, 0 where an instance that was listed before is missing, and whether the roster lacks too many of its records.
-- grain: connection, app_id, instance_id, snapshot_date
-- materialize: dated
-- dates: forward
-- key: connection, app_id, instance_id
-- date: snapshot_date
SELECT
    f.snapshot_date,
    f.connection,
    s.app_id,
    s.instance_id,
    count(a.account_id) AS accounts,
    max(CASE WHEN h.connection IS NULL THEN 0 ELSE 1 END) = 1 AS is_short
FROM metrics.feed_snapshots AS f
INNER JOIN params.dates AS d ON d.date = f.snapshot_date
INNER JOIN metrics.sources AS s
    ON s.kind = 'roster' AND s.connection = f.connection AND s.first_date <= f.snapshot_date
    AND (s.disconnected_on IS NULL OR f.snapshot_date <= s.disconnected_on)
LEFT JOIN (
    SELECT a.connection, a.snapshot_date, a.app_id, a.instance_id, a.account_id, a.status
    FROM core.accounts AS a
    INNER JOIN params.dates AS d ON d.date = a.snapshot_date
) AS a
    ON a.connection = f.connection AND a.snapshot_date = f.snapshot_date
    AND a.app_id = s.app_id AND a.instance_id = s.instance_id AND a.status <> 'deactivated'
LEFT JOIN (SELECT DISTINCT connection, list_date FROM metrics.short_lists WHERE feed = 'roster') AS h
    ON h.connection = f.connection AND h.list_date = f.snapshot_date
WHERE f.feed = 'roster'
GROUP BY f.snapshot_date, f.connection, s.app_id, s.instance_id
