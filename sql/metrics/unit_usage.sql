-- description: How many of a team's and of a location's provisioned people used each feature of an instance in the 30 days up to the run's date.
-- grain: dimension, dimension_value, app_id, instance_id, feature
-- materialize: table
-- key: dimension, dimension_value, app_id, instance_id, feature
WITH members AS (
    SELECT g.dimension, g.dimension_value, p.instance_no, p.person_no
    FROM metrics.provisioned_people AS p
    INNER JOIN params.run AS q ON q.as_of = p.as_of
    INNER JOIN metrics.org_dimensions AS g ON g.as_of = p.as_of AND g.person_no = p.person_no
    WHERE g.dimension IN ('team', 'location') AND g.dimension_value <> '(unknown)'
),
sizes AS (
    SELECT dimension, dimension_value, instance_no, count(*) AS people
    FROM members
    GROUP BY dimension, dimension_value, instance_no
),
used AS (
    SELECT a.instance_no, '(engaged)' AS feature, a.person_no
    FROM metrics.activity_window AS a
    INNER JOIN params.run AS q ON q.as_of = a.as_of
    WHERE a.last_engaged > CAST(q.as_of - INTERVAL '30' DAY AS DATE)
    UNION ALL
    SELECT f.instance_no, f.feature, f.person_no
    FROM metrics.feature_daily AS f
    INNER JOIN params.run AS q ON f.day > CAST(q.as_of - INTERVAL '30' DAY AS DATE) AND f.day <= q.as_of
    GROUP BY f.instance_no, f.feature, f.person_no
),
counted AS (
    SELECT m.dimension, m.dimension_value, m.instance_no, u.feature, count(*) AS users
    FROM members AS m
    INNER JOIN used AS u ON u.instance_no = m.instance_no AND u.person_no = m.person_no
    GROUP BY m.dimension, m.dimension_value, m.instance_no, u.feature
)
SELECT
    z.dimension,
    z.dimension_value,
    s.app_id,
    s.instance_id,
    s.feature,
    z.people,
    coalesce(c.users, 0) AS users,
    100 * CAST(coalesce(c.users, 0) AS DOUBLE) / z.people AS pct
FROM metrics.usage_series AS s
INNER JOIN params.run AS q ON q.as_of = s.as_of
INNER JOIN metrics.instance_numbers AS n ON n.instance_key = s.app_id || '/' || s.instance_id
INNER JOIN sizes AS z ON z.instance_no = n.instance_no
LEFT JOIN counted AS c
    ON c.dimension = z.dimension AND c.dimension_value = z.dimension_value AND c.instance_no = z.instance_no AND c.feature = s.feature
