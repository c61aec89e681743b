-- description: Apps whose people fell sharply from one list to the next, in the last 14 days: by half or more, from 20 or more. A list that falls as a whole is held when it is read; one app of a list of many is not, so it is looked at here.
WITH lists AS (
    SELECT 'accounts' AS what, connection, app_id, instance_id, snapshot_date, accounts AS people FROM metrics.rosters
    UNION ALL
    SELECT 'people assigned', connection, app_id, instance_id, snapshot_date, people FROM metrics.assignments WHERE people IS NOT NULL
),
newest AS (
    SELECT what, connection, app_id, instance_id, max(snapshot_date) AS snapshot_date FROM lists GROUP BY what, connection, app_id, instance_id
),
fell AS (
    SELECT
        l.connection, l.app_id, l.instance_id, l.what, l.people, l.snapshot_date, b.people AS people_before, b.snapshot_date AS date_before,
        row_number() OVER (PARTITION BY l.connection, l.app_id, l.instance_id, l.what ORDER BY b.people DESC, b.snapshot_date DESC) AS place
    FROM lists AS l
    INNER JOIN newest AS n
        ON n.what = l.what AND n.connection = l.connection AND n.app_id = l.app_id AND n.instance_id = l.instance_id AND n.snapshot_date = l.snapshot_date
    INNER JOIN lists AS b
        ON b.what = l.what AND b.connection = l.connection AND b.app_id = l.app_id AND b.instance_id = l.instance_id
        AND b.snapshot_date < l.snapshot_date AND date_diff('day', b.snapshot_date, l.snapshot_date) <= 14
    CROSS JOIN params.run AS r
    WHERE b.people >= 20 AND 2 * l.people <= b.people AND date_diff('day', l.snapshot_date, r.as_of) <= 14
)
SELECT
    f.connection || '.fell_sharply' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(f.app_id || '/' || f.instance_id || ': ' || CAST(f.people_before AS VARCHAR) || ' ' || f.what || ' on ' || CAST(f.date_before AS VARCHAR)
        || ', ' || CAST(f.people AS VARCHAR) || ' on ' || CAST(f.snapshot_date AS VARCHAR) || '; if the list is not whole, read it again') AS sample
FROM fell AS f
INNER JOIN params.connections AS c ON c.connection = f.connection AND c.disconnected_on IS NULL
WHERE f.place = 1
GROUP BY f.connection
