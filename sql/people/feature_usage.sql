-- description: Who used the feature in the window, and how often.
SELECT
    'users' AS measure, e.person_id AS item, e.person_id, CAST(NULL AS DECIMAL(18, 2)) AS value,
    CAST(CAST(sum(e.event_count) AS BIGINT) AS VARCHAR) || CASE WHEN sum(e.event_count) = 1 THEN ' time, on ' ELSE ' times, last on ' END || CAST(max(e.event_date) AS VARCHAR) AS detail
FROM picked AS k
INNER JOIN core.engagement_events AS e
    ON e.app_id = k.app_id AND e.instance_id = k.instance_id AND e.event = k.feature
    AND e.event_date <= k.as_of AND e.event_date > CAST(k.as_of - k.window_days * INTERVAL '1' DAY AS DATE)
WHERE e.person_id NOT LIKE 'service:%'
GROUP BY e.person_id
