-- description: When each person was last active in the instances asked for, within 120 days before the date.
SELECT
    q.as_of,
    d.app_id,
    d.instance_id,
    d.person_id,
    max(CASE WHEN d.engaged_actions > 0 THEN d.activity_date END) AS last_engaged,
    max(CASE WHEN d.logins > 0 THEN d.activity_date END) AS last_login
FROM asked AS q
INNER JOIN core.activity_daily AS d
    ON d.app_id = q.app_id AND d.activity_date <= q.as_of AND d.activity_date > CAST(q.as_of - INTERVAL '120' DAY AS DATE)
WHERE d.person_id NOT LIKE 'service:%' AND (d.engaged_actions > 0 OR d.logins > 0)
GROUP BY q.as_of, d.app_id, d.instance_id, d.person_id
