-- description: Who was seen with which app by the network gateway or by a social sign-in, per day.
-- grain: day, app_id, kind, person_id
-- materialize: dated
-- key: app_id, kind, person_id
-- date: day
SELECT n.activity_date AS day, n.app_id, 'network' AS kind, coalesce(n.person_id, '') AS person_id
FROM core.network_activity AS n
INNER JOIN params.dates AS d ON d.date = n.activity_date
GROUP BY n.activity_date, n.app_id, coalesce(n.person_id, '')
UNION ALL
SELECT l.login_date, l.app_id, 'social', l.person_id
FROM core.sso_logins AS l
INNER JOIN params.dates AS d ON d.date = l.login_date
WHERE l.kind = 'social' AND l.outcome = 'SUCCESS'
GROUP BY l.login_date, l.app_id, l.person_id
