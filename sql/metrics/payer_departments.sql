-- description: The department that the payer of a line without one of its own belonged to on the line's day.
-- grain: connection, transaction_id
-- materialize: merge
-- key: connection, transaction_id
-- date: transaction_date
WITH changed_dates AS (
    SELECT date FROM params.changed WHERE source = 'core.spend_lines'
    UNION
    -- An org chart acts on all later lines.
    SELECT l.transaction_date
    FROM core.spend_lines AS l
    INNER JOIN (SELECT min(date) AS since FROM params.changed WHERE source <> 'core.spend_lines') AS c ON l.transaction_date >= c.since
),
asked AS (
    SELECT l.connection, l.transaction_id, l.transaction_date, l.payer_person_id
    FROM core.spend_lines AS l
    INNER JOIN changed_dates AS d ON d.date = l.transaction_date
    WHERE l.department IS NULL AND l.payer_person_id IS NOT NULL
),
-- The snapshot in force on the day says where the payer worked. Most lines need no more than that one.
org_days AS (
    SELECT
        x.connection, x.day, x.is_asked,
        max(x.snapshot_date) OVER (PARTITION BY x.connection ORDER BY x.day, x.is_asked ROWS UNBOUNDED PRECEDING) AS snapshot_date
    FROM (
        SELECT connection, snapshot_date AS day, false AS is_asked, snapshot_date
        FROM metrics.feed_snapshots
        WHERE feed = 'org_chart'
        UNION ALL
        SELECT DISTINCT f.connection, n.transaction_date, true, CAST(NULL AS DATE)
        FROM asked AS n
        CROSS JOIN (SELECT DISTINCT connection FROM metrics.feed_snapshots WHERE feed = 'org_chart') AS f
    ) AS x
),
in_force AS (
    SELECT n.*, f.connection AS hr_connection, f.snapshot_date
    FROM asked AS n
    INNER JOIN org_days AS f ON f.is_asked AND f.day = n.transaction_date
),
-- For a payer it does not list, the last one that did: mostly the last that ever did.
listed AS (
    SELECT n.*, w.last_listed
    FROM asked AS n
    INNER JOIN (
        SELECT person_id, min(first_listed) AS first_listed, max(last_listed) AS last_listed
        FROM metrics.org_listed
        GROUP BY person_id
    ) AS w ON w.person_id = n.payer_person_id AND w.first_listed <= n.transaction_date
),
-- The snapshots are few, so that only the charts of these dates are read.
charts AS (
    SELECT o.connection, o.snapshot_date, o.person_id, o.department
    FROM core.org_chart AS o
    INNER JOIN (
        SELECT connection, snapshot_date
        FROM metrics.feed_snapshots
        WHERE feed = 'org_chart'
            AND snapshot_date IN (SELECT snapshot_date FROM in_force UNION ALL SELECT last_listed FROM listed WHERE last_listed <= transaction_date)
    ) AS d ON d.connection = o.connection AND d.snapshot_date = o.snapshot_date
),
looked_up AS (
    SELECT n.connection, n.transaction_id, n.transaction_date, n.payer_person_id, 1 AS preference, o.connection AS hr_connection, o.snapshot_date, o.department
    FROM in_force AS n
    INNER JOIN charts AS o ON o.person_id = n.payer_person_id AND o.connection = n.hr_connection AND o.snapshot_date = n.snapshot_date
    UNION ALL
    SELECT n.connection, n.transaction_id, n.transaction_date, n.payer_person_id, 2, o.connection, o.snapshot_date, o.department
    FROM listed AS n
    INNER JOIN charts AS o ON o.person_id = n.payer_person_id AND o.snapshot_date = n.last_listed
    WHERE n.last_listed <= n.transaction_date
),
searched AS (
    SELECT connection, transaction_id, transaction_date, payer_person_id FROM listed
    EXCEPT
    SELECT connection, transaction_id, transaction_date, payer_person_id FROM looked_up
),
earlier_charts AS (
    SELECT o.connection, o.snapshot_date, o.person_id, o.department
    FROM core.org_chart AS o
    INNER JOIN (
        SELECT connection, snapshot_date
        FROM metrics.feed_snapshots
        WHERE feed = 'org_chart' AND snapshot_date <= (SELECT max(transaction_date) FROM searched)
    ) AS d ON d.connection = o.connection AND d.snapshot_date = o.snapshot_date
    WHERE o.person_id IN (SELECT payer_person_id FROM searched)
),
found AS (
    SELECT * FROM looked_up
    UNION ALL
    SELECT n.*, 2, o.connection, o.snapshot_date, o.department
    FROM searched AS n
    INNER JOIN earlier_charts AS o ON o.person_id = n.payer_person_id AND o.snapshot_date <= n.transaction_date
)
SELECT connection, transaction_id, transaction_date, department
FROM (
    SELECT
        connection, transaction_id, transaction_date, nullif(trim(department), '') AS department,
        row_number() OVER (PARTITION BY connection, transaction_id ORDER BY preference, snapshot_date DESC, hr_connection) AS choice
    FROM found
) AS f
WHERE choice = 1
