-- description: What somebody should look at, worst first by severity: each row is one thing to act on, watch or know.
-- grain: as_of, kind, subject
-- materialize: table
-- key: as_of, kind, subject
-- column as_of: DATE of the run.
-- column kind: connection_error, connection_late, left_but_provisioned, notice_missed, notice_due, contract_ends, stale_numbers, unused_licences, over_provisioned, charged_without_contract, discovered, birthright_proposed or contract_without_app.
-- column subject: The app, contract or connection that it is about.
-- column severity: act, watch or note.
-- column title: What it is, in a few words.
-- column detail: More of it, in a sentence.
-- column due_date: DATE by which something is due; NULL when nothing is.
-- column amount: DECIMAL, organisation's currency: the money at stake, a year for contracts. NULL when there is none or it is unknown.
-- column people: How many people it is about; NULL when about none.
WITH renewals AS (
    SELECT r.*, coalesce(a.app_name, r.vendor, r.contract_id) AS name
    FROM reports.renewals AS r
    INNER JOIN params.run AS q ON q.as_of = r.as_of
    LEFT JOIN core.apps AS a ON a.app_id = r.app_id
),
portfolio AS (
    SELECT p.*
    FROM reports.app_portfolio AS p
    INNER JOIN params.run AS q ON q.as_of = p.as_of
),
leavers AS (
    SELECT d.app_id, count(DISTINCT d.person_id) AS people
    FROM reports.disagreements AS d
    WHERE d.kind = 'left_but_provisioned'
    GROUP BY d.app_id
),
-- Whoever HR lists as employed, and how many of them hold each app.
staff AS (
    SELECT count(*) AS people FROM core.people WHERE is_employed
),
holders AS (
    SELECT b.app_id, count(DISTINCT k.person_id) AS people
    FROM metrics.provisioned_people AS p
    INNER JOIN params.run AS q ON q.as_of = p.as_of
    INNER JOIN metrics.provision_basis AS b ON b.as_of = p.as_of AND b.instance_no = p.instance_no
    INNER JOIN metrics.person_numbers AS k ON k.person_no = p.person_no
    INNER JOIN core.people AS e ON e.person_id = k.person_id AND e.is_employed
    LEFT JOIN params.excluded_instances AS x ON x.app_id = b.app_id AND x.instance_id = b.instance_id
    WHERE x.instance_id IS NULL
    GROUP BY b.app_id
),
found AS (
    SELECT 'connection_error' AS kind, h.connection AS subject, 'act' AS severity, h.connection || ': ' || min(h.stream) || CASE WHEN count(*) > 1 THEN ' and ' || CAST(count(*) - 1 AS VARCHAR) || ' more' ELSE '' END || ' could not be brought up to date' AS title,
        min(h.error) AS detail, CAST(NULL AS DATE) AS due_date, CAST(NULL AS DECIMAL(18, 2)) AS amount, CAST(NULL AS BIGINT) AS people
    FROM reports.connection_health AS h
    WHERE h.state = 'error'
    GROUP BY h.connection
    UNION ALL
    SELECT 'connection_late', h.connection, 'watch', h.connection || ': ' || min(h.stream) || CASE WHEN count(*) > 1 THEN ' and ' || CAST(count(*) - 1 AS VARCHAR) || ' more are late' ELSE ' is late' END,
        coalesce('Complete up to ' || CAST(CAST(min(h.watermark) AS DATE) AS VARCHAR) || '.', 'Never read to the end.'), NULL, NULL, NULL
    FROM reports.connection_health AS h
    WHERE h.is_stale AND h.state = 'connected'
    GROUP BY h.connection
    UNION ALL
    SELECT 'left_but_provisioned', l.app_id, 'act', a.app_name || ': ' || CAST(l.people AS VARCHAR) || CASE WHEN l.people = 1 THEN ' person who has left still has a seat' ELSE ' people who have left still have a seat' END,
        'See disagreements.', NULL, NULL, l.people
    FROM leavers AS l
    INNER JOIN core.apps AS a ON a.app_id = l.app_id
    UNION ALL
    SELECT 'notice_missed', r.contract_id, 'act', r.name || ': the deadline for notice has passed',
        'It was on ' || CAST(r.notice_deadline AS VARCHAR) || '; contract ' || r.contract_id || ' renews itself after ' || CAST(r.end_date AS VARCHAR) || '.', r.end_date, r.annual_spend, NULL
    FROM renewals AS r
    WHERE r.notice_state = 'missed'
    UNION ALL
    SELECT 'notice_due', r.contract_id, CASE WHEN r.days_left <= 30 THEN 'act' ELSE 'watch' END, r.name || ': notice is due ' || CASE WHEN r.days_left = 0 THEN 'today' ELSE 'in ' || names.counted(r.days_left, 'day', 'days') END,
        'Contract ' || r.contract_id || CASE WHEN r.auto_renew THEN ' renews itself after ' ELSE ' ends on ' END || CAST(r.end_date AS VARCHAR) || '.', r.notice_deadline, r.annual_spend, NULL
    FROM renewals AS r
    WHERE r.notice_state = 'due' AND r.reminder IS NOT NULL
    UNION ALL
    SELECT 'contract_ends', r.contract_id, CASE WHEN date_diff('day', r.as_of, r.end_date) <= 30 THEN 'act' ELSE 'watch' END, r.name || ': contract ends ' || CAST(r.end_date AS VARCHAR),
        'Contract ' || r.contract_id || CASE WHEN r.auto_renew THEN ' renews itself.' ELSE ' does not renew itself.' END, r.end_date, r.annual_spend, NULL
    FROM renewals AS r
    WHERE r.notice_state IN ('none', 'past_end') AND date_diff('day', r.as_of, r.end_date) <= 90
    UNION ALL
    SELECT 'stale_numbers', e.app_id, 'watch', min(a.app_name) || ': old numbers', 'A source behind them is late, or was never read to the end.', NULL, NULL, NULL
    FROM reports.engagement AS e
    INNER JOIN params.run AS q ON q.as_of = e.as_of
    INNER JOIN core.apps AS a ON a.app_id = e.app_id
    LEFT JOIN params.excluded_instances AS x ON x.app_id = e.app_id AND x.instance_id = e.instance_id
    WHERE e.window_days = 30 AND e.is_stale AND e.basis <> 'none' AND x.instance_id IS NULL
    GROUP BY e.app_id
    UNION ALL
    SELECT 'unused_licences', p.app_id, 'watch', p.app_name || ': ' || CAST(p.unused_licences AS VARCHAR) || ' of ' || names.counted(p.licences, 'licence', 'licences') || ' unused',
        CASE WHEN w.app_id IS NULL THEN 'Nobody holds them; see contract_usage for the lines.'
            ELSE 'Nobody is known to hold them, but ' || names.counted(w.seats, 'seat has', 'seats have') || ' a tier that no line names; see data_quality.' END, p.upcoming_end_date, p.unused_cost, NULL
    FROM portfolio AS p
    LEFT JOIN (
        SELECT n.app_id, CAST(sum(n.seats) AS BIGINT) AS seats
        FROM metrics.seats_without_line AS n
        INNER JOIN params.run AS q ON q.as_of = n.as_of
        GROUP BY n.app_id
    ) AS w ON w.app_id = p.app_id
    LEFT JOIN params.app_policy AS y ON y.app_id = p.app_id AND y.is_birthright
    WHERE p.unused_licences > 0 AND y.app_id IS NULL
    UNION ALL
    SELECT 'over_provisioned', p.app_id, 'watch', p.app_name || ': ' || names.counted(p.over_provisioned, 'more seat', 'more seats') || ' than licences',
        names.counted(p.licences, 'was', 'were') || ' bought: a true-up risk.', p.upcoming_end_date, u.true_up_cost, p.over_provisioned
    FROM portfolio AS p
    INNER JOIN (
        SELECT c.app_id, TRY_CAST(sum(c.true_up_cost) AS DECIMAL(18, 2)) AS true_up_cost
        FROM reports.contract_usage AS c
        INNER JOIN params.run AS q ON q.as_of = c.as_of
        GROUP BY c.app_id
    ) AS u ON u.app_id = p.app_id
    WHERE p.over_provisioned > 0
    UNION ALL
    SELECT 'charged_without_contract', d.app_id, 'note', a.app_name || ': charged without a contract', min(d.detail) || '.', NULL, p.spend_12m, NULL
    FROM reports.disagreements AS d
    INNER JOIN core.apps AS a ON a.app_id = d.app_id
    LEFT JOIN portfolio AS p ON p.app_id = d.app_id
    WHERE d.kind = 'charged_without_contract' AND NOT coalesce(p.is_discovered, false)
    GROUP BY d.app_id, a.app_name, p.spend_12m
    UNION ALL
    SELECT 'discovered', f.app_id, 'note', f.app_name || ': discovered on ' || CAST(f.first_seen AS VARCHAR), 'Seen by ' || f.sources || ' only; nobody manages it.', NULL, f.spend_12m, CAST(f.people AS BIGINT)
    FROM reports.discovered_apps AS f
    INNER JOIN params.run AS q ON q.as_of = f.as_of
    WHERE f.first_seen > CAST(q.as_of - INTERVAL '90' DAY AS DATE)
    UNION ALL
    SELECT 'birthright_proposed', h.app_id, 'note', a.app_name || ': ' || CAST(h.people AS VARCHAR) || ' of ' || CAST(s.people AS VARCHAR) || ' employees have it',
        'If everybody is meant to have it, say birthright: true for it under apps in the configuration: it then takes no part in the savings.', NULL, NULL, h.people
    FROM holders AS h
    CROSS JOIN staff AS s
    INNER JOIN core.apps AS a ON a.app_id = h.app_id
    LEFT JOIN params.app_policy AS y ON y.app_id = h.app_id AND y.is_birthright
    WHERE y.app_id IS NULL AND s.people >= 10 AND 10 * h.people >= 9 * s.people
    UNION ALL
    SELECT 'contract_without_app', l.contract_id, 'note', coalesce(min(c.vendor), l.contract_id) || ': a contract without a known app',
        'Contract ' || l.contract_id || ' names no app, and its vendor sells none that is known: its licences and money are in no total. Name the app in the contract, or the vendor under apps in the configuration.',
        NULL, TRY_CAST(sum(l.annual_amount) AS DECIMAL(18, 2)), NULL
    FROM core.contract_lines AS l
    INNER JOIN metrics.contract_lines_current AS c ON c.contract_id = l.contract_id AND c.line_id = l.line_id
    INNER JOIN params.run AS q ON q.as_of = c.as_of
    WHERE l.is_user_licence AND NOT l.is_software AND l.currency = q.currency
    GROUP BY l.contract_id
)
SELECT q.as_of, f.kind, f.subject, f.severity, f.title, f.detail, f.due_date, f.amount, f.people
FROM found AS f
CROSS JOIN params.run AS q
