-- description: Which feature events people used per instance and day, in small integers.
-- grain: day, instance_no, feature, person_no
-- materialize: dated
-- key: instance_no, feature, person_no
-- date: day
SELECT
    e.event_date AS day,
    n.instance_no,
    e.event AS feature,
    p.person_no,
    CAST(sum(e.event_count) AS BIGINT) AS events
FROM core.engagement_events AS e
INNER JOIN params.dates AS d ON d.date = e.event_date
INNER JOIN metrics.instance_numbers AS n ON n.instance_key = e.app_id || '/' || e.instance_id
INNER JOIN metrics.person_numbers AS p ON p.person_id = e.person_id
WHERE e.person_id NOT LIKE 'service:%'
GROUP BY e.event_date, n.instance_no, e.event, p.person_no
