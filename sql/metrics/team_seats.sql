-- description: How many people of each team, location, cost centre and reporting line have a seat in each app, the excluded instances left out, and how many of them were active in 30, 60, 90 and 120 days.
-- grain: as_of, dimension, dimension_value, app_id
-- materialize: as_of
-- key: as_of, dimension, dimension_value, app_id
-- People with a seat whom HR does not know or who have left stand under (unknown), in every dimension. Activity is that of the app's source: NULL where there is none.
WITH instances AS (
    SELECT i.app_id, i.instance_id, n.instance_no
    FROM metrics.instances AS i
    INNER JOIN metrics.instance_numbers AS n ON n.instance_key = i.instance_key
    LEFT JOIN params.excluded_instances AS x ON x.app_id = i.app_id AND x.instance_id = i.instance_id
    WHERE x.instance_id IS NULL
),
provisioned AS (
    SELECT p.as_of, i.app_id, p.person_no
    FROM metrics.provisioned_people AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.as_of
    INNER JOIN instances AS i ON i.instance_no = p.instance_no
    GROUP BY p.as_of, i.app_id, p.person_no
),
source AS (
    SELECT a.as_of, a.app_id, CASE WHEN min(a.kind) = 'engagement' THEN 'engagement' ELSE 'login' END AS activity_source
    FROM metrics.activity_sources AS a
    INNER JOIN params.as_of_dates AS d ON d.as_of = a.as_of
    INNER JOIN instances AS i ON i.app_id = a.app_id AND i.instance_id = a.instance_id
    GROUP BY a.as_of, a.app_id
),
last_days AS (
    SELECT a.as_of, i.app_id, a.person_no, max(CASE WHEN s.activity_source = 'engagement' THEN a.last_engaged ELSE a.last_login END) AS last_day
    FROM metrics.activity_window AS a
    INNER JOIN params.as_of_dates AS d ON d.as_of = a.as_of
    INNER JOIN instances AS i ON i.instance_no = a.instance_no
    INNER JOIN source AS s ON s.as_of = a.as_of AND s.app_id = i.app_id
    GROUP BY a.as_of, i.app_id, a.person_no
),
last_active AS (
    SELECT
        l.as_of, l.app_id, l.person_no,
        CASE WHEN l.last_day > CAST(l.as_of - INTERVAL '30' DAY AS DATE) THEN 1 END AS in_30,
        CASE WHEN l.last_day > CAST(l.as_of - INTERVAL '60' DAY AS DATE) THEN 1 END AS in_60,
        CASE WHEN l.last_day > CAST(l.as_of - INTERVAL '90' DAY AS DATE) THEN 1 END AS in_90,
        CASE WHEN l.last_day > CAST(l.as_of - INTERVAL '120' DAY AS DATE) THEN 1 END AS in_120
    FROM last_days AS l
),
members AS (
    SELECT p.as_of, g.dimension, g.dimension_value, p.app_id, l.in_30, l.in_60, l.in_90, l.in_120
    FROM provisioned AS p
    INNER JOIN metrics.org_dimensions AS g ON g.as_of = p.as_of AND g.person_no = p.person_no
    LEFT JOIN last_active AS l ON l.as_of = p.as_of AND l.app_id = p.app_id AND l.person_no = p.person_no
    UNION ALL
    SELECT p.as_of, k.dimension, '(unknown)', p.app_id, l.in_30, l.in_60, l.in_90, l.in_120
    FROM provisioned AS p
    CROSS JOIN (SELECT 'team' AS dimension UNION ALL SELECT 'location' UNION ALL SELECT 'cost_centre' UNION ALL SELECT 'manager') AS k
    LEFT JOIN (SELECT DISTINCT as_of, person_no FROM metrics.org_dimensions) AS g ON g.as_of = p.as_of AND g.person_no = p.person_no
    LEFT JOIN last_active AS l ON l.as_of = p.as_of AND l.app_id = p.app_id AND l.person_no = p.person_no
    WHERE g.person_no IS NULL
)
SELECT
    m.as_of, m.dimension, m.dimension_value, m.app_id, s.activity_source,
    count(*) AS provisioned_users,
    CASE WHEN s.activity_source IS NOT NULL THEN count(m.in_30) END AS active_30,
    CASE WHEN s.activity_source IS NOT NULL THEN count(m.in_60) END AS active_60,
    CASE WHEN s.activity_source IS NOT NULL THEN count(m.in_90) END AS active_90,
    CASE WHEN s.activity_source IS NOT NULL THEN count(m.in_120) END AS active_120
FROM members AS m
LEFT JOIN source AS s ON s.as_of = m.as_of AND s.app_id = m.app_id
GROUP BY m.as_of, m.dimension, m.dimension_value, m.app_id, s.activity_source
