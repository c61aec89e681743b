-- description: Provisioned and active people per app, cut by team, location, manager (the whole reporting line) and cost centre.
-- grain: as_of, window_days, dimension, dimension_value, app_id
-- materialize: as_of
-- key: as_of, window_days, dimension, dimension_value, app_id
-- column as_of: DATE the numbers are of; the organisation is that of the snapshot in force on it.
-- column window_days: Length of the window in days, ending with and including as_of.
-- column dimension: team, location, manager or cost_centre.
-- column dimension_value: The team's name etc.; for manager the manager's person_id; (unknown) for employees without one, and for people with a seat whom HR does not know or who have left. Who has no manager stands in nobody's line.
-- column app_id: The app, all its instances together but the excluded ones.
-- column people: Employees in this value; NULL for people HR does not know.
-- column provisioned_users: Distinct people of this value who are provisioned in the app; 0 where only a share of the contract falls (NULL when nobody is provisioned in the app at all).
-- column active_users: Those of them who were active in the window. NULL when no source of activity is connected.
-- column active_pct: active_users in percent of provisioned_users, 0 to 100. NULL when no source of activity is connected or nobody is provisioned.
-- column activity_source: engagement (events inside the app) or login (sign-ins, where nothing better is connected); NULL when neither.
-- column allocated_contract_value: DECIMAL, organisation's currency: this value's share of the app's annual contract spend, by provisioned people; evenly over employees where the configuration says `allocation: employees`; for team, as an allocations file says where it has percentages for the app that sum to 100. Shares are rounded where they end, so that those of all teams, locations or cost centres sum to the contract; those of managers overlap, and each is rounded by itself. NULL when there is no contract, or one with a line of unknown value.
-- column is_stale: Whether a list or the activity of the app, or the organisation chart, was more than 2 days behind as_of or never read to the end.
WITH windows AS (
    SELECT 30 AS window_days UNION ALL SELECT 60 UNION ALL SELECT 90 UNION ALL SELECT 120
),
instances AS (
    SELECT i.app_id, i.instance_id, n.instance_no
    FROM metrics.instances AS i
    INNER JOIN metrics.instance_numbers AS n ON n.instance_key = i.instance_key
    LEFT JOIN params.excluded_instances AS x ON x.app_id = i.app_id AND x.instance_id = i.instance_id
    WHERE x.instance_id IS NULL
),
provisioned AS (
    SELECT p.as_of, i.app_id, p.person_no
    FROM metrics.provisioned_people AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.as_of
    INNER JOIN instances AS i ON i.instance_no = p.instance_no
    GROUP BY p.as_of, i.app_id, p.person_no
),
source AS (
    SELECT a.as_of, a.app_id, CASE WHEN min(a.kind) = 'engagement' THEN 'engagement' ELSE 'login' END AS activity_source
    FROM metrics.activity_sources AS a
    INNER JOIN params.as_of_dates AS d ON d.as_of = a.as_of
    INNER JOIN instances AS i ON i.app_id = a.app_id AND i.instance_id = a.instance_id
    GROUP BY a.as_of, a.app_id
),
behind AS (
    SELECT e.as_of, e.app_id, max(CASE WHEN e.is_stale THEN 1 ELSE 0 END) AS is_stale
    FROM reports.engagement AS e
    INNER JOIN params.as_of_dates AS d ON d.as_of = e.as_of
    INNER JOIN instances AS i ON i.app_id = e.app_id AND i.instance_id = e.instance_id
    WHERE e.window_days = 30
    GROUP BY e.as_of, e.app_id
),
charts AS (
    SELECT l.as_of, max(CASE WHEN date_diff('day', l.snapshot_date, l.as_of) > q.stale_days THEN 1 ELSE 0 END) AS is_stale
    FROM metrics.lists_in_force AS l
    INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
    CROSS JOIN params.run AS q
    WHERE l.feed = 'org_chart'
    GROUP BY l.as_of
),
last_days AS (
    SELECT a.as_of, i.app_id, a.person_no, max(CASE WHEN s.activity_source = 'engagement' THEN a.last_engaged ELSE a.last_login END) AS last_day
    FROM metrics.activity_window AS a
    INNER JOIN params.as_of_dates AS d ON d.as_of = a.as_of
    INNER JOIN instances AS i ON i.instance_no = a.instance_no
    INNER JOIN source AS s ON s.as_of = a.as_of AND s.app_id = i.app_id
    GROUP BY a.as_of, i.app_id, a.person_no
),
last_active AS (
    SELECT
        l.as_of, l.app_id, l.person_no,
        CASE WHEN l.last_day > CAST(l.as_of - INTERVAL '30' DAY AS DATE) THEN 1 END AS in_30,
        CASE WHEN l.last_day > CAST(l.as_of - INTERVAL '60' DAY AS DATE) THEN 1 END AS in_60,
        CASE WHEN l.last_day > CAST(l.as_of - INTERVAL '90' DAY AS DATE) THEN 1 END AS in_90,
        CASE WHEN l.last_day > CAST(l.as_of - INTERVAL '120' DAY AS DATE) THEN 1 END AS in_120
    FROM last_days AS l
),
members AS (
    SELECT p.as_of, g.dimension, g.dimension_value, p.app_id, l.in_30, l.in_60, l.in_90, l.in_120
    FROM provisioned AS p
    INNER JOIN metrics.org_dimensions AS g ON g.as_of = p.as_of AND g.person_no = p.person_no
    LEFT JOIN last_active AS l ON l.as_of = p.as_of AND l.app_id = p.app_id AND l.person_no = p.person_no
    UNION ALL
    SELECT p.as_of, k.dimension, '(unknown)', p.app_id, l.in_30, l.in_60, l.in_90, l.in_120
    FROM provisioned AS p
    CROSS JOIN (SELECT 'team' AS dimension UNION ALL SELECT 'location' UNION ALL SELECT 'cost_centre' UNION ALL SELECT 'manager') AS k
    LEFT JOIN (SELECT DISTINCT as_of, person_no FROM metrics.org_dimensions) AS g ON g.as_of = p.as_of AND g.person_no = p.person_no
    LEFT JOIN last_active AS l ON l.as_of = p.as_of AND l.app_id = p.app_id AND l.person_no = p.person_no
    WHERE g.person_no IS NULL
),
headcount AS (
    SELECT o.as_of, o.dimension, o.dimension_value, count(*) AS people
    FROM metrics.org_dimensions AS o
    INNER JOIN params.as_of_dates AS d ON d.as_of = o.as_of
    GROUP BY o.as_of, o.dimension, o.dimension_value
),
totals AS (
    SELECT as_of, app_id, count(*) AS people FROM provisioned GROUP BY as_of, app_id
),
counted AS (
    SELECT
        m.as_of, m.dimension, m.dimension_value, m.app_id,
        count(*) AS provisioned_users,
        count(m.in_30) AS active_30,
        count(m.in_60) AS active_60,
        count(m.in_90) AS active_90,
        count(m.in_120) AS active_120
    FROM members AS m
    GROUP BY m.as_of, m.dimension, m.dimension_value, m.app_id
),
-- A contract of which a part is unknown has no value to spread.
valued AS (
    SELECT v.as_of, v.app_id, TRY_CAST(sum(v.annual_spend) AS DECIMAL(20, 2)) AS annual_spend
    FROM metrics.contract_lines_current AS v
    INNER JOIN params.as_of_dates AS d ON d.as_of = v.as_of
    WHERE v.is_user_licence
    GROUP BY v.as_of, v.app_id
    HAVING count(*) = count(v.annual_spend)
),
-- Where the value is not spread by provisioned people: the teams that the allocations file charges, else, of apps whose
-- value is spread evenly, everybody employed. Whether or not anybody there is provisioned.
owed AS (
    SELECT v.as_of, 'team' AS dimension, s.team AS dimension_value, v.app_id, CAST(s.percent AS DECIMAL(13, 4)) AS weight, CAST(s.total AS DECIMAL(13, 4)) AS whole
    FROM valued AS v
    INNER JOIN metrics.allocation_shares AS s ON s.app_id = v.app_id AND s.is_complete
    UNION ALL
    SELECT v.as_of, h.dimension, h.dimension_value, v.app_id, CAST(h.people AS DECIMAL(13, 4)), CAST(e.people AS DECIMAL(13, 4))
    FROM valued AS v
    INNER JOIN params.allocation AS o ON o.app_id = ''
    LEFT JOIN params.allocation AS p ON p.app_id = v.app_id
    LEFT JOIN (SELECT DISTINCT app_id FROM metrics.allocation_shares WHERE is_complete) AS s ON s.app_id = v.app_id
    INNER JOIN headcount AS h ON h.as_of = v.as_of AND (h.dimension <> 'team' OR s.app_id IS NULL)
    INNER JOIN (SELECT as_of, sum(people) AS people FROM headcount WHERE dimension = 'team' GROUP BY as_of) AS e ON e.as_of = v.as_of
    WHERE coalesce(p.method, o.method) = 'employees'
),
listed AS (
    SELECT as_of, dimension, dimension_value, app_id, provisioned_users, active_30, active_60, active_90, active_120 FROM counted
    UNION ALL
    SELECT a.as_of, a.dimension, a.dimension_value, a.app_id, n.nobody, n.nobody, n.nobody, n.nobody, n.nobody
    FROM owed AS a
    LEFT JOIN (SELECT as_of, app_id, 0 AS nobody FROM totals) AS n ON n.as_of = a.as_of AND n.app_id = a.app_id
    LEFT JOIN counted AS c ON c.as_of = a.as_of AND c.dimension = a.dimension AND c.dimension_value = a.dimension_value AND c.app_id = a.app_id
    WHERE c.as_of IS NULL
),
weighed AS (
    SELECT
        l.*,
        CASE WHEN g.whole IS NOT NULL THEN coalesce(a.weight, 0) ELSE CAST(l.provisioned_users AS DECIMAL(13, 4)) END AS weight,
        CASE WHEN g.whole IS NOT NULL THEN g.whole ELSE CAST(t.people AS DECIMAL(13, 4)) END AS whole
    FROM listed AS l
    LEFT JOIN totals AS t ON t.as_of = l.as_of AND t.app_id = l.app_id
    LEFT JOIN (SELECT as_of, dimension, app_id, max(whole) AS whole FROM owed GROUP BY as_of, dimension, app_id) AS g
        ON g.as_of = l.as_of AND g.dimension = l.dimension AND g.app_id = l.app_id
    LEFT JOIN owed AS a
        ON a.as_of = l.as_of AND a.dimension = l.dimension AND a.dimension_value = l.dimension_value AND a.app_id = l.app_id
),
ended AS (
    SELECT
        w.*,
        CAST(CASE WHEN w.dimension = 'manager' THEN w.weight ELSE sum(w.weight) OVER (
            PARTITION BY w.as_of, w.dimension, w.app_id ORDER BY w.dimension_value
        ) END AS DECIMAL(13, 4)) AS up_to
    FROM weighed AS w
),
-- What falls to a value is the same whatever the window.
cells AS (
    SELECT
        c.*, h.people, s.activity_source, coalesce(b.is_stale, 0) + coalesce(o.is_stale, 0) > 0 AS is_stale,
        CAST(CAST(CAST(v.annual_spend * c.up_to / c.whole AS DECIMAL(28, 8)) AS DECIMAL(18, 2))
            - CAST(CAST(v.annual_spend * CAST(c.up_to - c.weight AS DECIMAL(13, 4)) / c.whole AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) AS DECIMAL(18, 2)) AS allocated_contract_value
    FROM ended AS c
    LEFT JOIN headcount AS h ON h.as_of = c.as_of AND h.dimension = c.dimension AND h.dimension_value = c.dimension_value
    LEFT JOIN source AS s ON s.as_of = c.as_of AND s.app_id = c.app_id
    LEFT JOIN valued AS v ON v.as_of = c.as_of AND v.app_id = c.app_id
    LEFT JOIN behind AS b ON b.as_of = c.as_of AND b.app_id = c.app_id
    LEFT JOIN charts AS o ON o.as_of = c.as_of
),
windowed AS (
    SELECT
        c.*, w.window_days,
        CASE WHEN c.activity_source IS NOT NULL THEN
            CASE w.window_days WHEN 30 THEN c.active_30 WHEN 60 THEN c.active_60 WHEN 90 THEN c.active_90 WHEN 120 THEN c.active_120 END
        END AS active_users
    FROM cells AS c
    CROSS JOIN windows AS w
)
SELECT
    as_of,
    CAST(window_days AS BIGINT) AS window_days,
    dimension,
    dimension_value,
    app_id,
    people,
    provisioned_users,
    active_users,
    CASE WHEN provisioned_users > 0 THEN 100 * CAST(active_users AS DOUBLE) / provisioned_users END AS active_pct,
    activity_source,
    allocated_contract_value,
    is_stale
FROM windowed
