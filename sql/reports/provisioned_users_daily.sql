-- description: How many people hold an account of each app instance on each day, and by which rule that is known.
-- grain: date, app_id, instance_id
-- materialize: dated
-- dates: forward
-- key: date, app_id, instance_id
-- date: date
-- column date: DATE, organisation's time zone. Without gaps from the instance's first day with any data to the as-of date.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column provisioned_users: Accounts (basis connector_exact) or distinct people (other bases). NULL when unknown (basis none), never 0 for unknown.
-- column basis: The rule that applied: connector_exact, engaged_120d, sso_assigned, sso_assigned_estimated, sso_login_120d or none.
-- column basis_connection: The connection the number comes from; the first by name where several add up. NULL for basis none.
-- column basis_as_of: DATE of the list behind the number, the oldest where several connections' lists add up; for the 120-day rules the date itself. NULL for basis none.
-- column window_days: 120 for the 120-day rules, NULL for the others.
-- column window_complete: Whether the source had data 120 days back already; NULL for rules without a window.
-- column is_stale: Whether a source of the number was more than 2 days behind the date, was never read to the end, or gave a list that lacks too many of its records.
WITH bounds AS (
    SELECT CAST(date_diff('day', DATE '1970-01-01', min(date)) AS INTEGER) AS low_no FROM params.dates
),
instances AS (
    SELECT s.app_id, s.instance_id, n.instance_no, min(s.first_date) AS first_date
    FROM metrics.sources AS s
    INNER JOIN metrics.instance_numbers AS n ON n.instance_key = s.app_id || '/' || s.instance_id
    GROUP BY s.app_id, s.instance_id, n.instance_no
),
grid AS (
    SELECT
        d.date,
        CAST(date_diff('day', DATE '1970-01-01', d.date) AS INTEGER) AS day_no,
        i.app_id,
        i.instance_id,
        i.instance_no
    FROM params.dates AS d
    INNER JOIN instances AS i ON i.first_date <= d.date
),
-- Rules 1 and 3: the last whole list of each connection carries forward until its next one. Several connections of one
-- instance add up: all their accounts, and the distinct people of all assignments.
roster_spans AS (
    SELECT
        r.connection, r.app_id, r.instance_id, r.snapshot_date, r.accounts, r.is_short, c.disconnected_on,
        lead(r.snapshot_date) OVER (PARTITION BY r.connection, r.app_id, r.instance_id ORDER BY r.snapshot_date) AS next_date
    FROM metrics.rosters AS r
    INNER JOIN params.connections AS c ON c.connection = r.connection
),
roster AS (
    SELECT g.date, g.instance_no, min(s.connection) AS connection, min(s.snapshot_date) AS snapshot_date, sum(s.accounts) AS accounts, max(CASE WHEN s.is_short THEN 1 ELSE 0 END) = 1 AS is_short
    FROM grid AS g
    INNER JOIN roster_spans AS s
        ON s.app_id = g.app_id AND s.instance_id = g.instance_id
        AND g.date >= s.snapshot_date AND (s.next_date IS NULL OR g.date < s.next_date)
        AND (s.disconnected_on IS NULL OR g.date <= s.disconnected_on)
    GROUP BY g.date, g.instance_no
),
assignment_spans AS (
    SELECT
        a.connection, a.app_id, a.instance_id, a.snapshot_date, a.people, a.is_short, c.disconnected_on,
        lead(a.snapshot_date) OVER (PARTITION BY a.connection, a.app_id, a.instance_id ORDER BY a.snapshot_date) AS next_date
    FROM metrics.assignments AS a
    INNER JOIN params.connections AS c ON c.connection = a.connection
),
assigned_lists AS (
    SELECT g.date, g.instance_no, g.app_id, g.instance_id, s.connection, s.snapshot_date, s.people, s.is_short
    FROM grid AS g
    INNER JOIN assignment_spans AS s
        ON s.app_id = g.app_id AND s.instance_id = g.instance_id
        AND g.date >= s.snapshot_date AND (s.next_date IS NULL OR g.date < s.next_date)
        AND (s.disconnected_on IS NULL OR g.date <= s.disconnected_on)
    WHERE s.people IS NOT NULL
),
assigned AS (
    SELECT
        date, instance_no, min(connection) AS connection, min(snapshot_date) AS snapshot_date,
        sum(people) AS people, max(CASE WHEN is_short THEN 1 ELSE 0 END) = 1 AS is_short, sum(CASE WHEN people > 0 THEN 1 ELSE 0 END) AS lists
    FROM assigned_lists
    GROUP BY date, instance_no
),
united AS (
    SELECT l.date, l.instance_no, count(DISTINCT a.person_id) AS people
    FROM assigned AS t
    INNER JOIN assigned_lists AS l ON l.date = t.date AND l.instance_no = t.instance_no
    INNER JOIN core.sso_assignments AS a
        ON a.connection = l.connection AND a.snapshot_date = l.snapshot_date
        AND a.app_id = l.app_id AND a.instance_id = l.instance_id AND a.person_id NOT LIKE 'service:%'
    WHERE t.lists > 1
    GROUP BY l.date, l.instance_no
),
-- Rules 2 and 4: whether a connected source has data on or before the date.
feeding AS (
    SELECT
        g.date, g.instance_no, s.kind,
        min(s.connection) AS connection,
        min(s.first_date) AS first_date,
        max(CASE WHEN w.fresh_until >= g.date THEN 0 ELSE 1 END) = 1 AS is_stale
    FROM grid AS g
    INNER JOIN metrics.sources AS s
        ON s.app_id = g.app_id AND s.instance_id = g.instance_id
        AND s.kind IN ('engagement', 'logins') AND s.first_date <= g.date
        AND (s.disconnected_on IS NULL OR g.date <= s.disconnected_on)
    LEFT JOIN metrics.source_reach AS w
        ON w.connection = s.connection AND w.feed = CASE WHEN s.kind = 'logins' THEN 'sso_logins' ELSE 'engagement' END
    GROUP BY g.date, g.instance_no, s.kind
),
-- A day of activity counts on itself and the next 119 days. Days less than 120 apart leave no gap, so of
-- all of a person's days in a block of 120 the first and the last say everything, and one pass of
-- grouping leaves little to sort. A block's coverage counts until the next block's begins, at most
-- until 120 days after its last day: +1 where it begins, -1 where it ends. The running sum is the
-- number of distinct people.
blocks AS (
    SELECT
        a.instance_no,
        a.person_no,
        a.day_no - a.day_no % 120 AS block_no,
        min(CASE WHEN a.is_engaged THEN a.day_no END) AS engaged_first,
        max(CASE WHEN a.is_engaged THEN a.day_no END) AS engaged_last,
        min(CASE WHEN a.is_login THEN a.day_no END) AS login_first,
        max(CASE WHEN a.is_login THEN a.day_no END) AS login_last
    FROM metrics.activity AS a
    INNER JOIN params.window_days AS w ON w.day_no = a.day_no
    GROUP BY a.instance_no, a.person_no, a.day_no - a.day_no % 120
),
kinds AS (
    SELECT instance_no * 2 AS series_no, person_no, engaged_first AS first_no, engaged_last AS last_no
    FROM blocks
    WHERE engaged_first IS NOT NULL
    UNION ALL
    SELECT instance_no * 2 + 1, person_no, login_first, login_last
    FROM blocks
    WHERE login_first IS NOT NULL
),
covered AS (
    SELECT
        series_no, first_no, last_no + 120 AS end_no,
        lead(first_no) OVER (PARTITION BY series_no, person_no ORDER BY first_no) AS next_no
    FROM kinds
),
steps AS (
    SELECT u.series_no, u.day_no, sum(u.step) AS step
    FROM (
        SELECT c.series_no, CASE WHEN c.first_no < b.low_no THEN b.low_no ELSE c.first_no END AS day_no, 1 AS step
        FROM covered AS c
        CROSS JOIN bounds AS b
        UNION ALL
        SELECT
            c.series_no,
            CASE
                WHEN CASE WHEN c.next_no < c.end_no THEN c.next_no ELSE c.end_no END < b.low_no THEN b.low_no
                WHEN c.next_no < c.end_no THEN c.next_no
                ELSE c.end_no
            END,
            -1
        FROM covered AS c
        CROSS JOIN bounds AS b
    ) AS u
    GROUP BY u.series_no, u.day_no
),
windows AS (
    SELECT
        g.date, g.instance_no, k.kind,
        sum(coalesce(s.step, 0)) OVER (PARTITION BY k.kind, g.instance_no ORDER BY g.day_no) AS people
    FROM grid AS g
    CROSS JOIN (SELECT 'engagement' AS kind, 0 AS kind_no UNION ALL SELECT 'logins', 1) AS k
    LEFT JOIN steps AS s ON s.series_no = g.instance_no * 2 + k.kind_no AND s.day_no = g.day_no
),
chosen AS (
    SELECT
        g.date,
        g.app_id,
        g.instance_id,
        CASE
            WHEN r.connection IS NOT NULL THEN 'connector_exact'
            WHEN e.connection IS NOT NULL THEN 'engaged_120d'
            WHEN a.connection IS NOT NULL AND a.snapshot_date = g.date THEN 'sso_assigned'
            WHEN a.connection IS NOT NULL THEN 'sso_assigned_estimated'
            WHEN l.connection IS NOT NULL THEN 'sso_login_120d'
            ELSE 'none'
        END AS basis,
        r.connection AS roster_connection, r.snapshot_date AS roster_date, r.accounts, r.is_short AS roster_short,
        a.connection AS assigned_connection, a.snapshot_date AS assigned_date, coalesce(u.people, a.people) AS assigned_people, a.is_short AS assigned_short,
        e.connection AS engaged_connection, e.first_date AS engaged_first, e.is_stale AS engaged_stale,
        we.people AS engaged_people,
        l.connection AS login_connection, l.first_date AS login_first, l.is_stale AS login_stale,
        wl.people AS login_people
    FROM grid AS g
    LEFT JOIN roster AS r ON r.date = g.date AND r.instance_no = g.instance_no
    LEFT JOIN assigned AS a ON a.date = g.date AND a.instance_no = g.instance_no
    LEFT JOIN united AS u ON u.date = g.date AND u.instance_no = g.instance_no
    LEFT JOIN feeding AS e ON e.date = g.date AND e.instance_no = g.instance_no AND e.kind = 'engagement'
    LEFT JOIN feeding AS l ON l.date = g.date AND l.instance_no = g.instance_no AND l.kind = 'logins'
    LEFT JOIN windows AS we ON we.date = g.date AND we.instance_no = g.instance_no AND we.kind = 'engagement'
    LEFT JOIN windows AS wl ON wl.date = g.date AND wl.instance_no = g.instance_no AND wl.kind = 'logins'
)
SELECT
    c.date,
    c.app_id,
    c.instance_id,
    CAST(CASE c.basis
        WHEN 'connector_exact' THEN c.accounts
        WHEN 'engaged_120d' THEN c.engaged_people
        WHEN 'sso_assigned' THEN c.assigned_people
        WHEN 'sso_assigned_estimated' THEN c.assigned_people
        WHEN 'sso_login_120d' THEN c.login_people
    END AS BIGINT) AS provisioned_users,
    c.basis,
    CASE c.basis
        WHEN 'connector_exact' THEN c.roster_connection
        WHEN 'engaged_120d' THEN c.engaged_connection
        WHEN 'sso_assigned' THEN c.assigned_connection
        WHEN 'sso_assigned_estimated' THEN c.assigned_connection
        WHEN 'sso_login_120d' THEN c.login_connection
    END AS basis_connection,
    CASE c.basis
        WHEN 'connector_exact' THEN c.roster_date
        WHEN 'engaged_120d' THEN c.date
        WHEN 'sso_assigned' THEN c.assigned_date
        WHEN 'sso_assigned_estimated' THEN c.assigned_date
        WHEN 'sso_login_120d' THEN c.date
    END AS basis_as_of,
    CAST(CASE WHEN c.basis IN ('engaged_120d', 'sso_login_120d') THEN 120 END AS BIGINT) AS window_days,
    CASE c.basis
        WHEN 'engaged_120d' THEN date_diff('day', c.engaged_first, c.date) >= 119
        WHEN 'sso_login_120d' THEN date_diff('day', c.login_first, c.date) >= 119
    END AS window_complete,
    coalesce(CASE c.basis
        WHEN 'connector_exact' THEN c.roster_short OR date_diff('day', c.roster_date, c.date) > q.stale_days
        WHEN 'engaged_120d' THEN c.engaged_stale
        WHEN 'sso_assigned' THEN c.assigned_short
        WHEN 'sso_assigned_estimated' THEN c.assigned_short OR date_diff('day', c.assigned_date, c.date) > q.stale_days
        WHEN 'sso_login_120d' THEN c.login_stale
    END, false) AS is_stale
FROM chosen AS c
CROSS JOIN params.run AS q
