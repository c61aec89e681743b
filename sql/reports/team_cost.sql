-- description: What each app costs each team, location, reporting line and cost centre: its share of the contract, and what its people spent.
-- grain: as_of, dimension, dimension_value, app_id
-- materialize: as_of
-- key: as_of, dimension, dimension_value, app_id
-- column as_of: DATE the numbers are of; the organisation is that of the snapshot in force on it.
-- column dimension: team, location, manager or cost_centre.
-- column dimension_value: The team's name etc.; for manager the manager's person_id; (unknown) for employees without one, and for people whom HR does not know or who have left, and charges without a payer. Who has no manager stands in nobody's line.
-- column app_id: The app, all its instances together but the excluded ones.
-- column allocated_contract_value: DECIMAL, organisation's currency: this value's share of the app's annual contract spend, by provisioned people; evenly over employees where the configuration says `allocation: employees`; for team, as an allocations file says where it has percentages for the app that sum to 100. Shares are rounded where they end, so that those of all teams, locations or cost centres sum to the contract; those of managers overlap, and each is rounded by itself. NULL when there is no contract, one with a line of unknown value, or nothing of it falls here.
-- column spend_12m: DECIMAL, organisation's currency: what people of this value spent on the app in the twelve months up to as_of, refunds deducted, by where the payer stands on as_of. Those of all teams, locations or cost centres sum to app_portfolio.spend_12m, those of managers overlap. NULL when there was no charge with an exchange rate, and of 10,000,000,000,000,000 or more.
-- column is_stale: Whether a list of the app or the organisation chart, where its value rests on them, was more than 2 days behind as_of or never read to the end.
WITH totals AS (
    SELECT t.as_of, t.app_id, sum(t.provisioned_users) AS people
    FROM metrics.team_seats AS t
    INNER JOIN params.as_of_dates AS d ON d.as_of = t.as_of
    WHERE t.dimension = 'team'
    GROUP BY t.as_of, t.app_id
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
    INNER JOIN metrics.headcounts AS h ON h.as_of = v.as_of AND (h.dimension <> 'team' OR s.app_id IS NULL)
    INNER JOIN (SELECT as_of, sum(people) AS people FROM metrics.headcounts WHERE dimension = 'team' GROUP BY as_of) AS e ON e.as_of = v.as_of
    WHERE coalesce(p.method, o.method) = 'employees'
),
listed AS (
    SELECT m.as_of, m.dimension, m.dimension_value, m.app_id, m.provisioned_users
    FROM metrics.team_seats AS m
    INNER JOIN valued AS v ON v.as_of = m.as_of AND v.app_id = m.app_id
    UNION ALL
    SELECT a.as_of, a.dimension, a.dimension_value, a.app_id, 0
    FROM owed AS a
    LEFT JOIN metrics.team_seats AS c ON c.as_of = a.as_of AND c.dimension = a.dimension AND c.dimension_value = a.dimension_value AND c.app_id = a.app_id
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
shares AS (
    SELECT
        c.as_of, c.dimension, c.dimension_value, c.app_id,
        CAST(CAST(CAST(v.annual_spend * c.up_to / c.whole AS DECIMAL(28, 8)) AS DECIMAL(18, 2))
            - CAST(CAST(v.annual_spend * CAST(c.up_to - c.weight AS DECIMAL(13, 4)) / c.whole AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) AS DECIMAL(18, 2)) AS value
    FROM ended AS c
    INNER JOIN valued AS v ON v.as_of = c.as_of AND v.app_id = c.app_id
),
charges AS (
    SELECT d.as_of, s.app_id, k.person_no, sum(s.exact_base) AS amount
    FROM params.as_of_dates AS d
    INNER JOIN core.spend AS s
        ON s.transaction_date <= d.as_of AND s.transaction_date > CAST(d.as_of - INTERVAL '12' MONTH AS DATE)
        AND s.app_id IS NOT NULL AND NOT s.is_duplicate AND s.exact_base IS NOT NULL
    LEFT JOIN metrics.person_numbers AS k ON k.person_id = s.payer_person_id
    GROUP BY d.as_of, s.app_id, k.person_no
),
spent AS (
    SELECT c.as_of, g.dimension, g.dimension_value, c.app_id, c.amount
    FROM charges AS c
    INNER JOIN metrics.org_dimensions AS g ON g.as_of = c.as_of AND g.person_no = c.person_no
    UNION ALL
    SELECT c.as_of, k.dimension, '(unknown)', c.app_id, c.amount
    FROM charges AS c
    CROSS JOIN (SELECT 'team' AS dimension UNION ALL SELECT 'location' UNION ALL SELECT 'cost_centre' UNION ALL SELECT 'manager') AS k
    LEFT JOIN (SELECT DISTINCT as_of, person_no FROM metrics.org_dimensions) AS g ON g.as_of = c.as_of AND g.person_no = c.person_no
    WHERE g.person_no IS NULL
),
costs AS (
    SELECT as_of, dimension, dimension_value, app_id, value AS share, CAST(NULL AS DECIMAL(24, 10)) AS amount FROM shares
    UNION ALL
    SELECT as_of, dimension, dimension_value, app_id, NULL, amount FROM spent
),
late_apps AS (
    SELECT p.date AS as_of, p.app_id, max(CASE WHEN p.is_stale THEN 1 ELSE 0 END) AS is_stale
    FROM reports.provisioned_users_daily AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.date
    LEFT JOIN params.excluded_instances AS x ON x.app_id = p.app_id AND x.instance_id = p.instance_id
    WHERE x.instance_id IS NULL
    GROUP BY p.date, p.app_id
)
SELECT
    c.as_of, c.dimension, c.dimension_value, c.app_id,
    TRY_CAST(sum(c.share) AS DECIMAL(18, 2)) AS allocated_contract_value,
    TRY_CAST(sum(c.amount) AS DECIMAL(18, 2)) AS spend_12m,
    max(coalesce(b.is_stale, 0)) + max(coalesce(o.is_stale, 0)) > 0 AS is_stale
FROM costs AS c
LEFT JOIN late_apps AS b ON b.as_of = c.as_of AND b.app_id = c.app_id AND c.share IS NOT NULL
LEFT JOIN metrics.late_charts AS o ON o.as_of = c.as_of
GROUP BY c.as_of, c.dimension, c.dimension_value, c.app_id
