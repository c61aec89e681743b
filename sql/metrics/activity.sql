-- description: core.activity_daily in small integers, people only, for the sliding windows.
-- grain: day, instance_no, person_no
-- materialize: dated
-- key: instance_no, person_no
-- date: day
SELECT
    a.activity_date AS day,
    CAST(date_diff('day', DATE '1970-01-01', a.activity_date) AS INTEGER) AS day_no,
    n.instance_no,
    p.person_no,
    a.engaged_actions > 0 AS is_engaged,
    a.logins > 0 AS is_login
FROM core.activity_daily AS a
INNER JOIN params.dates AS d ON d.date = a.activity_date
INNER JOIN metrics.instance_numbers AS n ON n.instance_key = a.app_id || '/' || a.instance_id
INNER JOIN metrics.person_numbers AS p ON p.person_id = a.person_id
WHERE a.person_id NOT LIKE 'service:%' AND (a.engaged_actions > 0 OR a.logins > 0)
