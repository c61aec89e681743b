-- description: On which days each source has data of an instance.
-- grain: kind, connection, app_id, instance_id, day
-- materialize: dated
-- key: kind, connection, app_id, instance_id
-- date: day
SELECT a.snapshot_date AS day, 'roster' AS kind, a.connection, a.app_id, a.instance_id
FROM core.accounts AS a
INNER JOIN params.dates AS d ON d.date = a.snapshot_date
GROUP BY a.snapshot_date, a.connection, a.app_id, a.instance_id
UNION ALL
SELECT a.snapshot_date, 'assignments', a.connection, a.app_id, a.instance_id
FROM core.sso_assignments AS a
INNER JOIN params.dates AS d ON d.date = a.snapshot_date
GROUP BY a.snapshot_date, a.connection, a.app_id, a.instance_id
UNION ALL
SELECT e.event_date, 'engagement', e.connection, e.app_id, e.instance_id
FROM core.engagement_events AS e
INNER JOIN params.dates AS d ON d.date = e.event_date
GROUP BY e.event_date, e.connection, e.app_id, e.instance_id
UNION ALL
SELECT l.login_date, 'logins', l.connection, l.app_id, l.instance_id
FROM core.sso_logins AS l
INNER JOIN params.dates AS d ON d.date = l.login_date
WHERE l.outcome = 'SUCCESS' AND l.kind = 'managed'
GROUP BY l.login_date, l.connection, l.app_id, l.instance_id
