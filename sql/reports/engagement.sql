-- description: How many of an instance's provisioned people used it in a window of days.
-- grain: as_of, window_days, app_id, instance_id
-- materialize: as_of
-- key: as_of, window_days, app_id, instance_id
-- column as_of: DATE the numbers are of.
-- column window_days: Length of the window in days, ending with and including as_of.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column provisioned_users: As in provisioned_users_daily; NULL when unknown.
-- column basis: The rule behind provisioned_users.
-- column engaged_users: Provisioned people with at least one engaged action in the window (all engaged people where provisioned is unknown). NULL when no engagement source is connected.
-- column not_engaged_users: provisioned_users minus engaged_users. NULL when either is.
-- column engaged_not_provisioned: Engaged people who are not provisioned. NULL when unknown.
-- column engaged_pct: engaged_users in percent of provisioned_users, 0 to 100. NULL when either is unknown or nobody is provisioned.
-- column unique_logins: Distinct people with a successful managed sign-in in the window; 0 where the log of the app's identity provider shows none. NULL when no sign-in source is connected.
-- column login_pct: Provisioned people who signed in, in percent of provisioned_users. Not comparable with engaged_pct: a session can outlive many days. NULL when no sign-in source is connected or nobody is provisioned.
-- column is_stale: Whether a source behind the row – its list, its engagement, its sign-ins – was more than 2 days behind as_of, or was never read to the end.
WITH windows AS (
    SELECT 30 AS window_days UNION ALL SELECT 60 UNION ALL SELECT 90 UNION ALL SELECT 120
),
instances AS (
    SELECT p.date AS as_of, p.app_id, p.instance_id, n.instance_no, p.provisioned_users, p.basis, p.is_stale
    FROM reports.provisioned_users_daily AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.date
    INNER JOIN metrics.instance_numbers AS n ON n.instance_key = p.app_id || '/' || p.instance_id
),
feeding AS (
    SELECT
        a.as_of, a.app_id, a.instance_id,
        max(CASE WHEN a.kind = 'engagement' THEN 1 ELSE 0 END) = 1 AS has_engagement,
        max(CASE WHEN a.kind = 'logins' THEN 1 ELSE 0 END) = 1 AS has_logins,
        max(CASE WHEN a.is_fresh THEN 0 ELSE 1 END) = 1 AS is_stale
    FROM metrics.activity_sources AS a
    INNER JOIN params.as_of_dates AS d ON d.as_of = a.as_of
    GROUP BY a.as_of, a.app_id, a.instance_id
),
counted AS (
    SELECT
        a.as_of, w.window_days, a.instance_no,
        count(CASE WHEN a.last_engaged > CAST(a.as_of - w.window_days * INTERVAL '1' DAY AS DATE) THEN 1 END) AS engaged,
        count(CASE WHEN p.person_no IS NOT NULL AND a.last_engaged > CAST(a.as_of - w.window_days * INTERVAL '1' DAY AS DATE) THEN 1 END) AS engaged_provisioned,
        count(CASE WHEN a.last_login > CAST(a.as_of - w.window_days * INTERVAL '1' DAY AS DATE) THEN 1 END) AS logged_in,
        count(CASE WHEN p.person_no IS NOT NULL AND a.last_login > CAST(a.as_of - w.window_days * INTERVAL '1' DAY AS DATE) THEN 1 END) AS logged_in_provisioned
    FROM metrics.activity_window AS a
    INNER JOIN params.as_of_dates AS d ON d.as_of = a.as_of
    CROSS JOIN windows AS w
    LEFT JOIN metrics.provisioned_people AS p
        ON p.as_of = a.as_of AND p.instance_no = a.instance_no AND p.person_no = a.person_no
    GROUP BY a.as_of, w.window_days, a.instance_no
)
SELECT
    i.as_of,
    CAST(w.window_days AS BIGINT) AS window_days,
    i.app_id,
    i.instance_id,
    i.provisioned_users,
    i.basis,
    CASE
        WHEN NOT coalesce(f.has_engagement, false) THEN NULL
        WHEN i.provisioned_users IS NULL THEN coalesce(c.engaged, 0)
        ELSE coalesce(c.engaged_provisioned, 0)
    END AS engaged_users,
    CASE WHEN f.has_engagement THEN i.provisioned_users - coalesce(c.engaged_provisioned, 0) END AS not_engaged_users,
    CASE WHEN f.has_engagement AND i.provisioned_users IS NOT NULL
        THEN coalesce(c.engaged, 0) - coalesce(c.engaged_provisioned, 0) END AS engaged_not_provisioned,
    CASE WHEN f.has_engagement AND i.provisioned_users > 0
        THEN 100 * CAST(coalesce(c.engaged_provisioned, 0) AS DOUBLE) / i.provisioned_users END AS engaged_pct,
    CASE WHEN f.has_logins THEN coalesce(c.logged_in, 0) END AS unique_logins,
    CASE WHEN f.has_logins AND i.provisioned_users > 0
        THEN 100 * CAST(coalesce(c.logged_in_provisioned, 0) AS DOUBLE) / i.provisioned_users END AS login_pct,
    i.is_stale OR coalesce(f.is_stale, false) AS is_stale
FROM instances AS i
CROSS JOIN windows AS w
LEFT JOIN feeding AS f ON f.as_of = i.as_of AND f.app_id = i.app_id AND f.instance_id = i.instance_id
LEFT JOIN counted AS c ON c.as_of = i.as_of AND c.window_days = w.window_days AND c.instance_no = i.instance_no
