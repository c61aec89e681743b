-- description: On which days each source has data of an instance, and whether of people: service accounts use nothing.
-- grain: kind, connection, app_id, instance_id, day
-- materialize: dated
-- key: kind, connection, app_id, instance_id
-- date: day
SELECT a.snapshot_date AS day, 'roster' AS kind, a.connection, a.app_id, a.instance_id, false AS is_used
FROM core.accounts AS a
INNER JOIN params.dates AS d ON d.date = a.snapshot_date
GROUP BY a.snapshot_date, a.connection, a.app_id, a.instance_id
UNION ALL
-- A whole list without a single account or assignment: the connection's own app has none, which is known.
SELECT f.snapshot_date, CASE f.feed WHEN 'roster' THEN 'roster' ELSE 'assignments' END, f.connection, m.app_id, m.instance_id, false
FROM metrics.feed_snapshots AS f
INNER JOIN params.dates AS d ON d.date = f.snapshot_date
INNER JOIN params.connections AS c
    ON c.connection = f.connection AND c.app_key IS NOT NULL AND (c.disconnected_on IS NULL OR f.snapshot_date <= c.disconnected_on)
INNER JOIN metrics.app_map AS m ON m.connection = f.connection AND m.source_app_id = '' AND m.app_key = '' AND m.instance_key = ''
LEFT JOIN (
    SELECT DISTINCT 'roster' AS feed, x.connection, x.snapshot_date
    FROM core.accounts AS x
    INNER JOIN params.dates AS d ON d.date = x.snapshot_date
    UNION ALL
    SELECT DISTINCT 'sso_assignments', x.connection, x.snapshot_date
    FROM core.sso_assignments AS x
    INNER JOIN params.dates AS d ON d.date = x.snapshot_date
) AS p
    ON p.feed = f.feed AND p.connection = f.connection AND p.snapshot_date = f.snapshot_date
WHERE f.feed IN ('roster', 'sso_assignments') AND p.connection IS NULL
UNION ALL
SELECT a.snapshot_date, 'assignments', a.connection, a.app_id, a.instance_id, false
FROM core.sso_assignments AS a
INNER JOIN params.dates AS d ON d.date = a.snapshot_date
GROUP BY a.snapshot_date, a.connection, a.app_id, a.instance_id
UNION ALL
-- An application that is set up and active, but assigned to nobody: known to be empty.
SELECT a.snapshot_date, 'assignments', a.connection, a.app_id, a.instance_id, false
FROM core.sso_apps AS a
INNER JOIN params.dates AS d ON d.date = a.snapshot_date
INNER JOIN metrics.feed_snapshots AS f
    ON f.feed = 'sso_assignments' AND f.connection = a.connection AND f.snapshot_date = a.snapshot_date
LEFT JOIN (
    SELECT DISTINCT x.connection, x.app_id, x.instance_id, x.snapshot_date
    FROM core.sso_assignments AS x
    INNER JOIN params.dates AS d ON d.date = x.snapshot_date
) AS p
    ON p.connection = a.connection AND p.app_id = a.app_id AND p.instance_id = a.instance_id AND p.snapshot_date = a.snapshot_date
LEFT JOIN metrics.unread_apps AS u
    ON u.connection = a.connection AND u.app_id = a.app_id AND u.instance_id = a.instance_id AND u.snapshot_date = a.snapshot_date
WHERE a.status = 'active' AND p.connection IS NULL AND u.connection IS NULL
GROUP BY a.snapshot_date, a.connection, a.app_id, a.instance_id
UNION ALL
SELECT e.event_date, 'engagement', e.connection, e.app_id, e.instance_id, max(CASE WHEN e.person_id LIKE 'service:%' THEN 0 ELSE 1 END) = 1
FROM core.engagement_events AS e
INNER JOIN params.dates AS d ON d.date = e.event_date
-- A time before 2000 stands for none (1970): it is no day on which a source had data, and begins no series.
WHERE e.event_date >= DATE '2000-01-01'
    -- Events that the app's list does not know say nothing about engagement.
    AND e.is_engaged IS NOT NULL
GROUP BY e.event_date, e.connection, e.app_id, e.instance_id
UNION ALL
SELECT l.login_date, 'logins', l.connection, l.app_id, l.instance_id, max(CASE WHEN l.person_id LIKE 'service:%' THEN 0 ELSE 1 END) = 1
FROM core.sso_logins AS l
INNER JOIN params.dates AS d ON d.date = l.login_date
WHERE l.outcome = 'SUCCESS' AND l.kind = 'managed' AND l.login_date >= DATE '2000-01-01'
GROUP BY l.login_date, l.connection, l.app_id, l.instance_id
