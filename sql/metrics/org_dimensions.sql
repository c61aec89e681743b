-- description: What each employed person belongs to on each report date: team, location, cost centre and, as manager, everybody above them in the reporting line.
-- grain: as_of, dimension, dimension_value, person_no
-- materialize: as_of
-- key: as_of, dimension, dimension_value, person_no
WITH RECURSIVE listed AS (
    SELECT o.as_of, o.person_id, o.person_no, o.team, o.location, o.cost_centre, o.manager_id, o.is_employed
    FROM metrics.org_people AS o
    INNER JOIN params.as_of_dates AS d ON d.as_of = o.as_of
    WHERE o.is_listed
),
staff AS (
    SELECT * FROM listed WHERE is_employed
),
-- A manager who has left still stands in the line of those who report to them.
-- UNION drops what is there already, so a circle in the reporting line ends by itself.
line (as_of, person_id, person_no, manager_id) AS (
    SELECT as_of, person_id, person_no, manager_id FROM staff WHERE manager_id IS NOT NULL AND manager_id <> person_id
    UNION
    SELECT l.as_of, l.person_id, l.person_no, s.manager_id
    FROM line AS l
    INNER JOIN listed AS s ON s.as_of = l.as_of AND s.person_id = l.manager_id
    WHERE s.manager_id IS NOT NULL AND s.manager_id <> l.person_id
)
SELECT as_of, 'team' AS dimension, coalesce(nullif(team, ''), '(unknown)') AS dimension_value, person_no FROM staff
UNION ALL
SELECT as_of, 'location', coalesce(nullif(location, ''), '(unknown)'), person_no FROM staff
UNION ALL
SELECT as_of, 'cost_centre', coalesce(nullif(cost_centre, ''), '(unknown)'), person_no FROM staff
UNION ALL
SELECT as_of, 'manager', manager_id, person_no FROM line
