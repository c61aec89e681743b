-- description: With which snapshot of a roster or an identity provider each seat began (there, and not on the one before) or ended. One row with number 0 marks each snapshot looked at.
-- grain: snapshot_date, feed, connection, instance_no, person_no, is_start
-- materialize: dated
-- dates: forward
-- key: feed, connection, instance_no, person_no, is_start
-- date: snapshot_date
WITH sets AS (
    SELECT
        feed, connection, snapshot_date,
        lag(snapshot_date) OVER (PARTITION BY feed, connection ORDER BY snapshot_date) AS previous_date
    FROM metrics.feed_snapshots
    WHERE feed IN ('roster', 'sso_assignments')
),
due AS (
    SELECT s.*
    FROM sets AS s
    INNER JOIN params.dates AS d ON d.date = s.snapshot_date
    INNER JOIN params.connections AS c
        ON c.connection = s.connection AND (c.disconnected_on IS NULL OR s.snapshot_date <= c.disconnected_on)
),
wanted AS (
    SELECT feed, connection, snapshot_date FROM due
    UNION
    SELECT feed, connection, previous_date FROM due WHERE previous_date IS NOT NULL
),
present AS (
    SELECT w.feed, w.connection, w.snapshot_date, n.instance_no, k.person_no
    FROM wanted AS w
    INNER JOIN core.accounts AS a ON a.connection = w.connection AND a.snapshot_date = w.snapshot_date
    INNER JOIN metrics.instance_numbers AS n ON n.instance_key = a.app_id || '/' || a.instance_id
    INNER JOIN metrics.person_numbers AS k ON k.person_id = a.person_id
    WHERE w.feed = 'roster' AND a.status <> 'deactivated' AND a.person_id NOT LIKE 'service:%'
    GROUP BY w.feed, w.connection, w.snapshot_date, n.instance_no, k.person_no
    UNION ALL
    SELECT w.feed, w.connection, w.snapshot_date, n.instance_no, k.person_no
    FROM wanted AS w
    INNER JOIN core.sso_assignments AS a ON a.connection = w.connection AND a.snapshot_date = w.snapshot_date
    INNER JOIN metrics.instance_numbers AS n ON n.instance_key = a.app_id || '/' || a.instance_id
    INNER JOIN metrics.person_numbers AS k ON k.person_id = a.person_id
    WHERE w.feed = 'sso_assignments' AND a.person_id NOT LIKE 'service:%'
    GROUP BY w.feed, w.connection, w.snapshot_date, n.instance_no, k.person_no
),
marked AS (
    SELECT
        p.*,
        lag(p.snapshot_date) OVER w AS before,
        lead(p.snapshot_date) OVER w AS after
    FROM present AS p
    WINDOW w AS (PARTITION BY p.feed, p.connection, p.instance_no, p.person_no ORDER BY p.snapshot_date)
)
SELECT m.snapshot_date, m.feed, m.connection, m.instance_no, m.person_no, true AS is_start
FROM marked AS m
INNER JOIN due AS d ON d.feed = m.feed AND d.connection = m.connection AND d.snapshot_date = m.snapshot_date
WHERE m.before IS NULL OR m.before <> d.previous_date
UNION ALL
SELECT d.snapshot_date, m.feed, m.connection, m.instance_no, m.person_no, false
FROM marked AS m
INNER JOIN due AS d ON d.feed = m.feed AND d.connection = m.connection AND d.previous_date = m.snapshot_date
WHERE m.after IS NULL OR m.after <> d.snapshot_date
UNION ALL
SELECT snapshot_date, feed, connection, 0, 0, true
FROM due
