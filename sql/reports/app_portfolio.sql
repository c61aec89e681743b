-- description: Every app the organisation has, managed or discovered, with people, contract and spend side by side.
-- grain: as_of, app_id
-- materialize: as_of
-- key: as_of, app_id
-- column as_of: DATE the numbers are of.
-- column app_id: The app.
-- column app_name: Name for people.
-- column vendor: The company that sells it; NULL when unknown.
-- column category: Kind of software; NULL when unknown.
-- column status: active (current contract, any spend in 12 months, or activity in 30 days with somebody provisioned), delayed (activity in 90 days), else inactive. Any activity of people counts: sign-ins, social ones too, events of any kind inside the app, network traffic.
-- column is_discovered: Whether it is seen only through spend, network or social sign-in (shadow IT).
-- column sources: Kinds of source that know it: contract, engagement, network, roster, social, spend, sso.
-- column provisioned_users: Over its instances but the excluded ones: the accounts of those with a roster, and the people of the others, each person once. NULL when unknown for all of them.
-- column basis: The rule behind provisioned_users; with several instances the weakest of those that have a number (connector_exact, sso_assigned, sso_assigned_estimated, engaged_120d, sso_login_120d, from strong to weak); none when none has. NULL when no source of usage ever named the app.
-- column engaged_users_30d: Distinct provisioned people with an engaged action in 30 days. NULL when no engagement source is connected.
-- column unique_logins_30d: Distinct people with a successful managed sign-in in 30 days. NULL when no sign-in source is connected.
-- column licences: User licences in current contracts, without lines for excluded instances. NULL when no current contract has any.
-- column unused_licences: Licences that nobody holds, the sum over its contract lines: tiers are not netted against each other, see contract_usage. NULL when unknown for all of them.
-- column over_provisioned: Seats beyond the licences bought, the sum over its contract lines. NULL when unknown for all of them.
-- column unused_cost: DECIMAL a year, organisation's currency: what the unused licences cost, the sum over its contract lines with a known price. NULL when none has one.
-- column contract_annual_spend: DECIMAL, organisation's currency: annual spend of the user-licence lines of current contracts, foreign money at the latest rate on or before as_of. NULL when there is no contract, and when a line has no price or rate: data_quality lists those.
-- column total_contract_value: DECIMAL, organisation's currency: value of the whole term (annual times term months / 12), user and other lines of current contracts. NULL when there is none, or a line's price or rate is unknown.
-- column upcoming_end_date: DATE on which the first current contract ends or renews. NULL without one.
-- column spend_12m: DECIMAL, organisation's currency: spend in the twelve months up to as_of, refunds deducted; 0 when the app was paid for before that only. NULL when no spend ever named the app, or none of it has an exchange rate.
-- column cost_per_provisioned: contract_annual_spend per provisioned user; NULL when either is unknown or nobody is provisioned.
-- column cost_per_engaged: Annual spend per engaged user, of the contract lines for instances whose engagement is known. NULL when either is unknown, a line is for instances of which some are not measured, or nobody is engaged.
-- column is_stale: Whether a list or the activity of one of its instances was more than 2 days behind as_of or never read to the end. False where no source of usage names the app.
WITH usage_rows AS (
    SELECT e.*,
        CASE WHEN e.provisioned_users IS NOT NULL THEN CASE e.basis
            WHEN 'connector_exact' THEN 6 WHEN 'sso_assigned' THEN 5 WHEN 'sso_assigned_estimated' THEN 4
            WHEN 'engaged_120d' THEN 3 WHEN 'sso_login_120d' THEN 2
        END END AS strength
    FROM reports.engagement AS e
    INNER JOIN params.as_of_dates AS d ON d.as_of = e.as_of
    LEFT JOIN params.excluded_instances AS x ON x.app_id = e.app_id AND x.instance_id = e.instance_id
    WHERE e.window_days = 30 AND x.instance_id IS NULL
),
-- A person in several instances is one. On a roster it is accounts that count.
held AS (
    SELECT b.as_of, b.app_id, p.person_no, max(CASE WHEN b.basis = 'connector_exact' THEN 1 ELSE 0 END) AS has_account
    FROM usage_rows AS e
    INNER JOIN metrics.provision_basis AS b ON b.as_of = e.as_of AND b.app_id = e.app_id AND b.instance_id = e.instance_id
    INNER JOIN metrics.provisioned_people AS p ON p.as_of = b.as_of AND p.instance_no = b.instance_no
    GROUP BY b.as_of, b.app_id, p.person_no
),
without_account AS (
    SELECT as_of, app_id, count(*) AS people FROM held WHERE has_account = 0 GROUP BY as_of, app_id
),
usage_by_app AS (
    SELECT
        u.as_of, u.app_id,
        CAST(CASE WHEN count(u.provisioned_users) > 0
            THEN coalesce(sum(CASE WHEN u.basis = 'connector_exact' THEN u.provisioned_users END), 0) + coalesce(max(w.people), 0) END AS BIGINT) AS provisioned_users,
        max(CASE WHEN u.engaged_users IS NOT NULL THEN 1 ELSE 0 END) = 1 AS has_engagement,
        max(u.unique_logins) IS NOT NULL AS has_logins,
        max(CASE WHEN u.is_stale THEN 1 ELSE 0 END) = 1 AS is_stale,
        coalesce(min(u.strength), 1) AS strength
    FROM usage_rows AS u
    LEFT JOIN without_account AS w ON w.as_of = u.as_of AND w.app_id = u.app_id
    GROUP BY u.as_of, u.app_id
),
recent AS (
    SELECT
        a.as_of, e.app_id,
        count(DISTINCT CASE WHEN a.last_login > CAST(a.as_of - INTERVAL '30' DAY AS DATE) THEN a.person_no END) AS logins_30d,
        count(DISTINCT CASE WHEN e.engaged_users IS NOT NULL AND a.last_engaged > CAST(a.as_of - INTERVAL '30' DAY AS DATE)
            AND (p.person_no IS NOT NULL OR e.provisioned_users IS NULL) THEN a.person_no END) AS engaged_30d
    FROM metrics.activity_window AS a
    INNER JOIN metrics.instance_numbers AS n ON n.instance_no = a.instance_no
    INNER JOIN usage_rows AS e ON e.as_of = a.as_of AND e.app_id || '/' || e.instance_id = n.instance_key
    LEFT JOIN metrics.provisioned_people AS p ON p.as_of = a.as_of AND p.instance_no = a.instance_no AND p.person_no = a.person_no
    GROUP BY a.as_of, e.app_id
),
last_seen AS (
    SELECT u.as_of, u.app_id, max(u.day) AS last_day
    FROM (
        SELECT d.as_of, s.app_id, s.day
        FROM params.as_of_dates AS d
        INNER JOIN metrics.source_days AS s ON s.is_used AND s.day <= d.as_of AND s.day > CAST(d.as_of - INTERVAL '90' DAY AS DATE)
        LEFT JOIN params.excluded_instances AS x ON x.app_id = s.app_id AND x.instance_id = s.instance_id
        WHERE x.instance_id IS NULL
        UNION ALL
        SELECT d.as_of, y.app_id, y.day
        FROM params.as_of_dates AS d
        INNER JOIN metrics.discovery_daily AS y
            ON y.day <= d.as_of AND y.day > CAST(d.as_of - INTERVAL '90' DAY AS DATE) AND y.person_id NOT LIKE 'service:%'
    ) AS u
    GROUP BY u.as_of, u.app_id
),
-- What the people whose engagement is known cost: lines that name their instance, and lines for the app as a whole where
-- nobody else shares them.
engaging AS (
    SELECT
        l.as_of, l.app_id,
        CASE WHEN count(*) = count(l.annual_spend) AND max(CASE WHEN l.instance_id IS NULL AND n.app_id IS NOT NULL THEN 1 ELSE 0 END) = 0
            THEN TRY_CAST(sum(CASE WHEN l.instance_id IS NULL OR e.engaged_users IS NOT NULL THEN l.annual_spend END) AS DECIMAL(18, 2)) END AS annual_spend
    FROM metrics.contract_lines_current AS l
    INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
    LEFT JOIN usage_rows AS e ON e.as_of = l.as_of AND e.app_id = l.app_id AND e.instance_id = l.instance_id
    LEFT JOIN (
        SELECT DISTINCT u.as_of, u.app_id
        FROM usage_rows AS u
        LEFT JOIN metrics.contract_lines_current AS c
            ON c.as_of = u.as_of AND c.app_id = u.app_id AND c.instance_id = u.instance_id AND c.is_user_licence
        WHERE u.engaged_users IS NULL AND coalesce(u.provisioned_users, 1) > 0 AND c.app_id IS NULL
    ) AS n ON n.as_of = l.as_of AND n.app_id = l.app_id
    WHERE l.is_user_licence
    GROUP BY l.as_of, l.app_id
),
contracted AS (
    SELECT
        l.as_of, l.app_id,
        CAST(sum(u.licences) AS BIGINT) AS licences,
        CAST(sum(u.unused_licences) AS BIGINT) AS unused_licences,
        CAST(sum(u.over_provisioned) AS BIGINT) AS over_provisioned,
        TRY_CAST(sum(u.unused_cost) AS DECIMAL(18, 2)) AS unused_cost,
        CASE WHEN count(CASE WHEN l.is_user_licence THEN 1 END) = count(CASE WHEN l.is_user_licence THEN l.annual_spend END)
            THEN TRY_CAST(sum(CASE WHEN l.is_user_licence THEN l.annual_spend END) AS DECIMAL(18, 2)) END AS annual_spend,
        CASE WHEN count(*) = count(l.total_value) THEN TRY_CAST(sum(l.total_value) AS DECIMAL(18, 2)) END AS total_value,
        min(l.current_end) AS upcoming_end
    FROM metrics.contract_lines_current AS l
    INNER JOIN reports.contract_usage AS u ON u.as_of = l.as_of AND u.contract_id = l.contract_id AND u.line_id = l.line_id
    INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
    WHERE l.app_id IS NOT NULL
    GROUP BY l.as_of, l.app_id
)
SELECT
    e.as_of,
    e.app_id,
    a.app_name,
    a.vendor,
    a.category,
    CASE
        WHEN c.app_id IS NOT NULL OR e.has_spend_12m THEN 'active'
        WHEN y.last_day > CAST(e.as_of - INTERVAL '30' DAY AS DATE) AND u.provisioned_users > 0 THEN 'active'
        WHEN y.last_day IS NOT NULL THEN 'delayed'
        ELSE 'inactive'
    END AS status,
    e.is_discovered,
    e.sources,
    u.provisioned_users,
    CASE u.strength
        WHEN 6 THEN 'connector_exact' WHEN 5 THEN 'sso_assigned' WHEN 4 THEN 'sso_assigned_estimated'
        WHEN 3 THEN 'engaged_120d' WHEN 2 THEN 'sso_login_120d' WHEN 1 THEN 'none'
    END AS basis,
    CASE WHEN u.has_engagement THEN coalesce(r.engaged_30d, 0) END AS engaged_users_30d,
    CASE WHEN u.has_logins THEN coalesce(r.logins_30d, 0) END AS unique_logins_30d,
    c.licences,
    c.unused_licences,
    c.over_provisioned,
    c.unused_cost,
    c.annual_spend AS contract_annual_spend,
    c.total_value AS total_contract_value,
    c.upcoming_end AS upcoming_end_date,
    e.spend_12m,
    CASE WHEN u.provisioned_users > 0 THEN CAST(CAST(c.annual_spend / u.provisioned_users AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS cost_per_provisioned,
    CASE WHEN u.has_engagement AND r.engaged_30d > 0 THEN CAST(CAST(g.annual_spend / r.engaged_30d AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS cost_per_engaged,
    coalesce(u.is_stale, false) AS is_stale
FROM metrics.app_evidence AS e
INNER JOIN params.as_of_dates AS d ON d.as_of = e.as_of
INNER JOIN core.apps AS a ON a.app_id = e.app_id
LEFT JOIN usage_by_app AS u ON u.as_of = e.as_of AND u.app_id = e.app_id
LEFT JOIN recent AS r ON r.as_of = e.as_of AND r.app_id = e.app_id
LEFT JOIN contracted AS c ON c.as_of = e.as_of AND c.app_id = e.app_id
LEFT JOIN last_seen AS y ON y.as_of = e.as_of AND y.app_id = e.app_id
LEFT JOIN engaging AS g ON g.as_of = e.as_of AND g.app_id = e.app_id
