-- description: What HR knew of each person on each report date: by the lists in force then; of those whom none of them names by the last list that did.
-- grain: as_of, person_id
-- materialize: as_of
-- key: as_of, person_id
WITH present AS (
    SELECT
        n.as_of, o.connection, o.snapshot_date, o.person_id, o.is_employed, o.termination_date, o.team, o.location, o.cost_centre, o.manager_identifier,
        true AS is_listed, CAST(NULL AS DATE) AS first_without
    FROM metrics.lists_in_force AS n
    INNER JOIN params.as_of_dates AS d ON d.as_of = n.as_of
    INNER JOIN core.org_chart AS o ON o.connection = n.connection AND o.snapshot_date = n.snapshot_date
    WHERE n.feed = 'org_chart'
),
unlisted AS (
    SELECT d.as_of, o.person_id, max(o.snapshot_date) AS snapshot_date
    FROM params.as_of_dates AS d
    INNER JOIN core.org_chart AS o ON o.snapshot_date <= d.as_of
    LEFT JOIN (SELECT DISTINCT as_of, person_id FROM present) AS p ON p.as_of = d.as_of AND p.person_id = o.person_id
    WHERE p.person_id IS NULL
    GROUP BY d.as_of, o.person_id
),
last_words AS (
    SELECT u.as_of, o.*
    FROM unlisted AS u
    INNER JOIN core.org_chart AS o ON o.person_id = u.person_id AND o.snapshot_date = u.snapshot_date
),
-- The first list without them.
missed AS (
    SELECT w.as_of, w.connection, w.snapshot_date, min(s.snapshot_date) AS first_without
    FROM (SELECT DISTINCT as_of, connection, snapshot_date FROM last_words) AS w
    INNER JOIN core.snapshots AS s
        ON s.feed = 'org_chart' AND s.connection = w.connection AND s.snapshot_date > w.snapshot_date AND s.snapshot_date <= w.as_of
    GROUP BY w.as_of, w.connection, w.snapshot_date
),
words AS (
    SELECT * FROM present
    UNION ALL
    SELECT
        w.as_of, w.connection, w.snapshot_date, w.person_id, w.is_employed, w.termination_date, w.team, w.location, w.cost_centre, w.manager_identifier,
        false, m.first_without
    FROM last_words AS w
    LEFT JOIN missed AS m ON m.as_of = w.as_of AND m.connection = w.connection AND m.snapshot_date = w.snapshot_date
),
-- Whom a later list no longer names has left. Of those who stood in the last list of a connection that is disconnected
-- nothing more is known.
judged AS (
    SELECT
        w.*,
        CASE
            WHEN NOT w.is_employed OR w.termination_date <= w.as_of THEN false
            WHEN w.is_listed THEN true
            WHEN w.first_without IS NOT NULL THEN false
        END AS works_here,
        coalesce(w.termination_date, p.left_on) AS last_day
    FROM words AS w
    LEFT JOIN metrics.departures AS p
        ON p.connection = w.connection AND p.person_id = w.person_id AND p.snapshot_date = w.snapshot_date
),
chosen AS (
    SELECT *
    FROM (
        SELECT
            j.*,
            row_number() OVER (
                PARTITION BY j.as_of, j.person_id
                ORDER BY j.is_listed DESC, CASE WHEN j.works_here THEN 0 WHEN NOT j.works_here THEN 1 ELSE 2 END, j.snapshot_date DESC, j.connection
            ) AS choice
        FROM judged AS j
    ) AS s
    WHERE s.choice = 1
)
SELECT
    c.as_of,
    c.person_id,
    k.person_no,
    c.is_listed,
    c.works_here AS is_employed,
    CASE WHEN NOT c.works_here AND c.last_day <= c.as_of THEN c.last_day END AS left_on,
    CASE WHEN NOT c.works_here THEN coalesce(CASE WHEN c.last_day <= c.as_of THEN c.last_day END, c.first_without, c.snapshot_date) END AS gone_since,
    c.team,
    c.location,
    c.cost_centre,
    i.person_id AS manager_id
FROM chosen AS c
INNER JOIN metrics.person_numbers AS k ON k.person_id = c.person_id
LEFT JOIN metrics.identity AS i ON i.identifier = c.manager_identifier
