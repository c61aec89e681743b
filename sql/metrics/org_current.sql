-- description: HR's newest word on each person: the last snapshot of each HR connection that lists them.
-- grain: person_id
-- materialize: view
WITH newest AS (
    SELECT connection, max(snapshot_date) AS snapshot_date
    FROM core.org_chart
    GROUP BY connection
),
-- Most people stand in the newest snapshot of all, so only for the others the history is searched.
listed AS (
    SELECT o.person_id, o.snapshot_date
    FROM core.org_chart AS o
    INNER JOIN (SELECT max(snapshot_date) AS snapshot_date FROM newest) AS n ON n.snapshot_date = o.snapshot_date
    GROUP BY o.person_id, o.snapshot_date
),
unlisted AS (
    SELECT o.person_id, max(o.snapshot_date) AS snapshot_date
    FROM core.org_chart AS o
    LEFT JOIN listed AS l ON l.person_id = o.person_id
    WHERE l.person_id IS NULL
    GROUP BY o.person_id
),
last_words AS (
    SELECT o.*
    FROM core.org_chart AS o
    INNER JOIN listed AS l ON l.snapshot_date = o.snapshot_date AND l.person_id = o.person_id
    UNION ALL
    SELECT o.*
    FROM core.org_chart AS o
    INNER JOIN unlisted AS u ON u.snapshot_date = o.snapshot_date AND u.person_id = o.person_id
),
-- Of those whom a list no longer names, the first one without them.
missed AS (
    SELECT w.connection, w.snapshot_date, min(o.snapshot_date) AS first_without
    FROM (SELECT DISTINCT connection, snapshot_date FROM last_words) AS w
    INNER JOIN (SELECT DISTINCT connection, snapshot_date FROM core.org_chart) AS o
        ON o.connection = w.connection AND o.snapshot_date > w.snapshot_date
    GROUP BY w.connection, w.snapshot_date
)
SELECT *
FROM (
    SELECT
        o.*,
        coalesce(o.termination_date, d.left_on, f.first_without) AS last_day,
        o.snapshot_date = n.snapshot_date AS is_in_newest,
        row_number() OVER (PARTITION BY o.person_id ORDER BY o.is_employed DESC, o.connection) AS choice
    FROM last_words AS o
    INNER JOIN newest AS n ON n.connection = o.connection
    LEFT JOIN metrics.departures AS d ON d.connection = o.connection AND d.person_id = o.person_id AND d.snapshot_date = o.snapshot_date
    LEFT JOIN missed AS f ON f.connection = o.connection AND f.snapshot_date = o.snapshot_date
) AS s
WHERE s.choice = 1
