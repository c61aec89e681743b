-- description: When each person was last active in each instance, within 120 days before each report date.
-- grain: as_of, instance_no, person_no
-- materialize: as_of
-- key: as_of, instance_no, person_no
SELECT
    d.as_of,
    a.instance_no,
    a.person_no,
    max(CASE WHEN a.is_engaged THEN a.day END) AS last_engaged,
    max(CASE WHEN a.is_login THEN a.day END) AS last_login
FROM params.as_of_days AS d
INNER JOIN metrics.activity AS a ON a.day_no = d.day_no
GROUP BY d.as_of, a.instance_no, a.person_no
