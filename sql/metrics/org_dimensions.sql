-- description: What each employed person belongs to on each report date: team, location, cost centre and, as manager, everybody above them in the reporting line.
-- grain: as_of, dimension, dimension_value, person_no
-- materialize: as_of
-- key: as_of, dimension, dimension_value, person_no
WITH RECURSIVE newest AS (
    SELECT d.as_of, o.connection, max(o.snapshot_date) AS snapshot_date
    FROM params.as_of_dates AS d
    INNER JOIN metrics.feed_snapshots AS o ON o.feed = 'org_chart' AND o.snapshot_date <= d.as_of
    INNER JOIN params.connections AS c
        ON c.connection = o.connection AND (c.disconnected_on IS NULL OR d.as_of <= c.disconnected_on)
    GROUP BY d.as_of, o.connection
),
-- A manager who has left still stands in the line of those who report to them.
listed AS (
    SELECT *
    FROM (
        SELECT
            n.as_of, o.person_id, o.team, o.location, o.cost_centre, m.person_id AS manager_id,
            o.termination_date IS NULL OR o.termination_date > n.as_of AS is_employed,
            row_number() OVER (PARTITION BY n.as_of, o.person_id ORDER BY o.snapshot_date DESC, o.connection) AS choice
        FROM newest AS n
        INNER JOIN core.org_chart AS o ON o.connection = n.connection AND o.snapshot_date = n.snapshot_date
        LEFT JOIN metrics.identity AS m ON m.identifier = o.manager_identifier
    ) AS s
    WHERE s.choice = 1
),
staff AS (
    SELECT * FROM listed WHERE is_employed
),
-- UNION drops what is there already, so a circle in the reporting line ends by itself.
line (as_of, person_id, manager_id) AS (
    SELECT as_of, person_id, manager_id FROM staff WHERE manager_id IS NOT NULL AND manager_id <> person_id
    UNION
    SELECT l.as_of, l.person_id, s.manager_id
    FROM line AS l
    INNER JOIN listed AS s ON s.as_of = l.as_of AND s.person_id = l.manager_id
    WHERE s.manager_id IS NOT NULL AND s.manager_id <> l.person_id
),
dimensions AS (
    SELECT as_of, 'team' AS dimension, coalesce(nullif(team, ''), '(unknown)') AS dimension_value, person_id FROM staff
    UNION ALL
    SELECT as_of, 'location', coalesce(nullif(location, ''), '(unknown)'), person_id FROM staff
    UNION ALL
    SELECT as_of, 'cost_centre', coalesce(nullif(cost_centre, ''), '(unknown)'), person_id FROM staff
    UNION ALL
    SELECT as_of, 'manager', manager_id, person_id FROM line
)
SELECT d.as_of, d.dimension, d.dimension_value, n.person_no
FROM dimensions AS d
INNER JOIN metrics.person_numbers AS n ON n.person_id = d.person_id
