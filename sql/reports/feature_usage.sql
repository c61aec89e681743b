-- description: How many people used each feature of an app instance in a window of days.
-- grain: as_of, window_days, app_id, instance_id, feature
-- materialize: as_of
-- key: as_of, window_days, app_id, instance_id, feature
-- column as_of: DATE the numbers are of.
-- column window_days: Length of the window in days, ending with and including as_of.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column feature: The feature event, e.g. hosted_meeting.
-- column users: Distinct people who used it.
-- column events: How often it was used.
-- column users_pct: Provisioned people who used it, in percent of provisioned_users, 0 to 100. NULL when provisioned_users is unknown or 0, or no engagement source is connected any more.
-- column is_stale: Whether the list of provisioned people or the engagement was more than 2 days behind as_of or never read to the end, or the engagement's source is no longer connected.
WITH windows AS (
    SELECT 30 AS window_days UNION ALL SELECT 60 UNION ALL SELECT 90 UNION ALL SELECT 120
),
used AS (
    SELECT
        d.as_of, f.instance_no, f.feature, f.person_no, w.window_days,
        sum(f.events) AS events
    FROM params.as_of_days AS d
    INNER JOIN metrics.feature_daily AS f ON f.day = d.day
    INNER JOIN windows AS w ON f.day > CAST(d.as_of - w.window_days * INTERVAL '1' DAY AS DATE)
    GROUP BY d.as_of, f.instance_no, f.feature, f.person_no, w.window_days
),
counted AS (
    SELECT
        u.as_of, u.window_days, u.instance_no, u.feature,
        count(*) AS users,
        count(p.person_no) AS provisioned,
        sum(u.events) AS events
    FROM used AS u
    LEFT JOIN metrics.provisioned_people AS p
        ON p.as_of = u.as_of AND p.instance_no = u.instance_no AND p.person_no = u.person_no
    GROUP BY u.as_of, u.window_days, u.instance_no, u.feature
)
SELECT
    c.as_of,
    CAST(c.window_days AS BIGINT) AS window_days,
    i.app_id,
    i.instance_id,
    c.feature,
    c.users,
    CAST(c.events AS BIGINT) AS events,
    CASE WHEN e.as_of IS NOT NULL AND r.provisioned_users > 0 THEN 100 * CAST(c.provisioned AS DOUBLE) / r.provisioned_users END AS users_pct,
    coalesce(r.is_stale, false) OR NOT coalesce(e.is_fresh, false) AS is_stale
FROM counted AS c
INNER JOIN metrics.instance_numbers AS n ON n.instance_no = c.instance_no
INNER JOIN metrics.instances AS i ON i.instance_key = n.instance_key
LEFT JOIN reports.provisioned_users_daily AS r
    ON r.date = c.as_of AND r.app_id = i.app_id AND r.instance_id = i.instance_id
LEFT JOIN metrics.activity_sources AS e
    ON e.as_of = c.as_of AND e.app_id = i.app_id AND e.instance_id = i.instance_id AND e.kind = 'engagement'
