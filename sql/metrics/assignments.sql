-- description: People assigned per instance in each whole snapshot of Okta and OneLogin, 0 where an instance that was listed before is missing. None of a snapshot in which the instance's own list is not whole; NULL people where nobody asks for it any more; is_short where the snapshot lacks too many of its records.
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
    CASE WHEN u.is_left_out AND count(a.person_id) = 0 THEN NULL ELSE count(DISTINCT a.person_id) END AS people,
    max(CASE WHEN h.connection IS NULL THEN 0 ELSE 1 END) = 1 AS is_short
FROM metrics.feed_snapshots AS f
INNER JOIN params.dates AS d ON d.date = f.snapshot_date
INNER JOIN metrics.sources AS s
    ON s.kind = 'assignments' AND s.connection = f.connection AND s.first_date <= f.snapshot_date
    AND s.idp IN ('okta', 'onelogin')
    AND (s.disconnected_on IS NULL OR f.snapshot_date <= s.disconnected_on)
LEFT JOIN metrics.unread_apps AS u
    ON u.connection = f.connection AND u.snapshot_date = f.snapshot_date AND u.app_id = s.app_id AND u.instance_id = s.instance_id
LEFT JOIN (
    SELECT a.connection, a.snapshot_date, a.app_id, a.instance_id, a.person_id
    FROM core.sso_assignments AS a
    INNER JOIN params.dates AS d ON d.date = a.snapshot_date
) AS a
    ON a.connection = f.connection AND a.snapshot_date = f.snapshot_date
    AND a.app_id = s.app_id AND a.instance_id = s.instance_id AND a.person_id NOT LIKE 'service:%'
LEFT JOIN (SELECT DISTINCT connection, list_date FROM metrics.short_lists WHERE feed = 'sso_assignments') AS h
    ON h.connection = f.connection AND h.list_date = f.snapshot_date
WHERE f.feed = 'sso_assignments' AND (u.connection IS NULL OR u.is_left_out)
GROUP BY f.snapshot_date, f.connection, s.app_id, s.instance_id, u.is_left_out
