-- description: Who was active in which app on which day, by sign-in or by events inside the app.
-- grain: activity_date, app_id, instance_id, person_id
-- materialize: dated
-- key: app_id, instance_id, person_id
-- date: activity_date
-- column activity_date: DATE, organisation's time zone.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column person_id: The person, see core.people; service accounts included, marked by service:.
-- column logins: Successful managed sign-ins; 0 when there were events only.
-- column engaged_actions: Engaged user actions.
-- column actions: Events inside the app of any kind.
SELECT
    u.activity_date,
    u.app_id,
    u.instance_id,
    u.person_id,
    CAST(sum(u.logins) AS BIGINT) AS logins,
    CAST(sum(u.engaged_actions) AS BIGINT) AS engaged_actions,
    CAST(sum(u.actions) AS BIGINT) AS actions
FROM (
    SELECT l.login_date AS activity_date, l.app_id, l.instance_id, l.person_id, 1 AS logins, 0 AS engaged_actions, 0 AS actions
    FROM core.sso_logins AS l
    INNER JOIN params.dates AS d ON d.date = l.login_date
    WHERE l.outcome = 'SUCCESS' AND l.kind = 'managed'
    UNION ALL
    SELECT e.event_date, e.app_id, e.instance_id, e.person_id, 0, CASE WHEN e.is_engaged THEN e.event_count ELSE 0 END, e.event_count
    FROM core.engagement_events AS e
    INNER JOIN params.dates AS d ON d.date = e.event_date
) AS u
GROUP BY u.activity_date, u.app_id, u.instance_id, u.person_id
