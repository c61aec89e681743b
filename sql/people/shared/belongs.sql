-- description: Which team, place, reporting line and cost centre each employee belongs to on the date asked for.
WITH RECURSIVE listed AS (
    SELECT *
    FROM (
        SELECT
            o.person_id, o.team, o.location, o.cost_centre, o.title, m.person_id AS manager_id,
            o.is_employed AND (o.termination_date IS NULL OR o.termination_date > n.as_of) AS is_employed,
            row_number() OVER (
                PARTITION BY o.person_id
                ORDER BY o.is_employed AND (o.termination_date IS NULL OR o.termination_date > n.as_of) DESC, o.snapshot_date DESC, o.connection
            ) AS choice
        FROM in_force AS n
        INNER JOIN core.org_chart AS o ON o.connection = n.connection AND o.snapshot_date = n.snapshot_date
        LEFT JOIN core.person_identifiers AS m ON m.identifier = o.manager_identifier
        WHERE n.feed = 'org_chart'
    ) AS s
    WHERE s.choice = 1
),
staff AS (
    SELECT * FROM listed WHERE is_employed
),
line (person_id, manager_id) AS (
    SELECT person_id, manager_id FROM staff WHERE manager_id IS NOT NULL AND manager_id <> person_id
    UNION
    SELECT l.person_id, s.manager_id
    FROM line AS l
    INNER JOIN listed AS s ON s.person_id = l.manager_id
    WHERE s.manager_id IS NOT NULL AND s.manager_id <> l.person_id
)
SELECT 'team' AS dimension, coalesce(nullif(team, ''), '(unknown)') AS dimension_value, person_id, title FROM staff
UNION ALL
SELECT 'location', coalesce(nullif(location, ''), '(unknown)'), person_id, title FROM staff
UNION ALL
SELECT 'cost_centre', coalesce(nullif(cost_centre, ''), '(unknown)'), person_id, title FROM staff
UNION ALL
SELECT 'manager', l.manager_id, l.person_id, s.title
FROM line AS l
INNER JOIN staff AS s ON s.person_id = l.person_id
