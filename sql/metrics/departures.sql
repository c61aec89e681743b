-- description: Since when HR calls people gone whose last day it does not say: since the first list that does, after the last one that still had them employed.
-- grain: connection, person_id, snapshot_date
-- materialize: view
WITH undated AS (
    SELECT DISTINCT connection, person_id
    FROM core.org_chart
    WHERE NOT is_employed AND termination_date IS NULL
),
told AS (
    SELECT
        o.connection, o.person_id, o.snapshot_date, o.is_employed,
        sum(CASE WHEN o.is_employed THEN 1 ELSE 0 END) OVER (
            PARTITION BY o.connection, o.person_id ORDER BY o.snapshot_date ROWS UNBOUNDED PRECEDING
        ) AS spell
    FROM core.org_chart AS o
    INNER JOIN undated AS u ON u.connection = o.connection AND u.person_id = o.person_id
)
SELECT
    t.connection, t.person_id, t.snapshot_date,
    min(t.snapshot_date) OVER (
        PARTITION BY t.connection, t.person_id, t.spell ORDER BY t.snapshot_date ROWS UNBOUNDED PRECEDING
    ) AS left_on
FROM told AS t
WHERE NOT t.is_employed
