-- description: Each line of each current contract beside the people who hold and use it.
-- grain: as_of, contract_id, line_id
-- materialize: as_of
-- key: as_of, contract_id, line_id
-- column as_of: DATE the numbers are of.
-- column contract_id: The contract.
-- column line_id: The line.
-- column app_id: The app; NULL when the line's app is not known.
-- column instance_id: The app's instance; NULL when the line is for the app as a whole.
-- column tier: The licence type; NULL when the line names none.
-- column licences: User licences bought; NULL for other lines.
-- column provisioned_users: With a tier: its provisioned accounts. Without: the app's or instance's provisioned users, filled into its lines in the order of their ids, what is left over into the last. NULL when unknown or no user line.
-- column engaged_users_30d: People with an engaged action in 30 days, counted and filled likewise. NULL when no engagement source is connected.
-- column unused_licences: licences minus provisioned_users, at least 0. NULL when either is unknown.
-- column over_provisioned: provisioned_users minus licences, at least 0: a true-up risk. NULL when either is unknown.
-- column annual_spend: DECIMAL, organisation's currency. NULL when the price or the rate is unknown.
-- column spend_12m: DECIMAL, organisation's currency: the app's spend in twelve months, shared over its lines by annual spend. NULL when no spend names the app.
-- column cost_per_engaged: annual_spend per engaged user; NULL when either is unknown or nobody is engaged.
WITH lines AS (
    SELECT l.*
    FROM metrics.contract_lines_current AS l
    INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
),
usage_rows AS (
    SELECT e.as_of, e.app_id, e.instance_id, e.provisioned_users, e.engaged_users
    FROM reports.engagement AS e
    INNER JOIN params.as_of_dates AS d ON d.as_of = e.as_of
    LEFT JOIN params.excluded_instances AS x ON x.app_id = e.app_id AND x.instance_id = e.instance_id
    WHERE e.window_days = 30 AND x.instance_id IS NULL
),
-- What a line without a tier draws from: its instance, or the whole app.
pools AS (
    SELECT as_of, app_id, instance_id AS pool, provisioned_users, engaged_users FROM usage_rows
    UNION ALL
    SELECT as_of, app_id, '', CAST(sum(provisioned_users) AS BIGINT), CAST(sum(engaged_users) AS BIGINT)
    FROM usage_rows
    GROUP BY as_of, app_id
),
tiers AS (
    SELECT
        p.date AS as_of, a.app_id, a.instance_id, lower(a.tier) AS tier,
        count(*) AS provisioned_users,
        count(DISTINCT CASE WHEN w.last_engaged > CAST(p.date - INTERVAL '30' DAY AS DATE) THEN a.person_id END) AS engaged_users
    FROM reports.provisioned_users_daily AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.date
    INNER JOIN core.accounts AS a
        ON a.connection = p.basis_connection AND a.snapshot_date = p.basis_as_of
        AND a.app_id = p.app_id AND a.instance_id = p.instance_id AND a.status <> 'deactivated'
    LEFT JOIN metrics.instance_numbers AS n ON n.instance_key = p.app_id || '/' || p.instance_id
    LEFT JOIN metrics.person_numbers AS k ON k.person_id = a.person_id
    LEFT JOIN metrics.activity_window AS w ON w.as_of = p.date AND w.instance_no = n.instance_no AND w.person_no = k.person_no
    WHERE p.basis = 'connector_exact'
    GROUP BY p.date, a.app_id, a.instance_id, lower(a.tier)
),
tier_pools AS (
    SELECT as_of, app_id, instance_id AS pool, tier, provisioned_users, engaged_users FROM tiers
    UNION ALL
    SELECT as_of, app_id, '', tier, CAST(sum(provisioned_users) AS BIGINT), CAST(sum(engaged_users) AS BIGINT)
    FROM tiers
    GROUP BY as_of, app_id, tier
),
filled AS (
    SELECT
        l.*,
        coalesce(sum(l.licences) OVER w, 0) - l.licences AS before,
        lead(l.line_id) OVER w IS NULL AS is_last
    FROM lines AS l
    WHERE l.is_user_licence AND l.tier IS NULL
    WINDOW w AS (PARTITION BY l.as_of, l.app_id, coalesce(l.instance_id, '') ORDER BY l.contract_id, l.line_id)
),
counted AS (
    SELECT
        f.as_of, f.contract_id, f.line_id,
        CASE
            WHEN p.provisioned_users IS NULL THEN NULL
            WHEN f.is_last THEN greatest(p.provisioned_users - f.before, 0)
            ELSE least(greatest(p.provisioned_users - f.before, 0), f.licences)
        END AS provisioned_users,
        CASE
            WHEN p.engaged_users IS NULL THEN NULL
            WHEN f.is_last THEN greatest(p.engaged_users - f.before, 0)
            ELSE least(greatest(p.engaged_users - f.before, 0), f.licences)
        END AS engaged_users
    FROM filled AS f
    LEFT JOIN pools AS p ON p.as_of = f.as_of AND p.app_id = f.app_id AND p.pool = coalesce(f.instance_id, '')
    UNION ALL
    SELECT
        l.as_of, l.contract_id, l.line_id,
        CASE WHEN x.as_of IS NOT NULL THEN coalesce(t.provisioned_users, 0) END,
        CASE WHEN x.as_of IS NOT NULL AND e.engaged_users IS NOT NULL THEN coalesce(t.engaged_users, 0) END
    FROM lines AS l
    LEFT JOIN tier_pools AS t
        ON t.as_of = l.as_of AND t.app_id = l.app_id AND t.pool = coalesce(l.instance_id, '') AND t.tier = lower(l.tier)
    LEFT JOIN (SELECT DISTINCT as_of, app_id, pool FROM tier_pools) AS x
        ON x.as_of = l.as_of AND x.app_id = l.app_id AND x.pool = coalesce(l.instance_id, '')
    LEFT JOIN pools AS e ON e.as_of = l.as_of AND e.app_id = l.app_id AND e.pool = coalesce(l.instance_id, '')
    WHERE l.is_user_licence AND l.tier IS NOT NULL
),
annual AS (
    SELECT as_of, app_id, sum(annual_spend) AS annual_spend FROM lines GROUP BY as_of, app_id
)
SELECT
    l.as_of,
    l.contract_id,
    l.line_id,
    l.app_id,
    l.instance_id,
    l.tier,
    CASE WHEN l.is_user_licence THEN l.licences END AS licences,
    CAST(c.provisioned_users AS BIGINT) AS provisioned_users,
    CAST(c.engaged_users AS BIGINT) AS engaged_users_30d,
    CASE WHEN l.is_user_licence AND l.licences IS NOT NULL AND c.provisioned_users IS NOT NULL
        THEN CAST(greatest(l.licences - c.provisioned_users, 0) AS BIGINT) END AS unused_licences,
    CASE WHEN l.is_user_licence AND l.licences IS NOT NULL AND c.provisioned_users IS NOT NULL
        THEN CAST(greatest(c.provisioned_users - l.licences, 0) AS BIGINT) END AS over_provisioned,
    l.annual_spend,
    CAST(CASE WHEN n.annual_spend > 0 THEN e.spend_12m * l.annual_spend / n.annual_spend END AS DECIMAL(18, 2)) AS spend_12m,
    CASE WHEN c.engaged_users > 0 THEN CAST(l.annual_spend / c.engaged_users AS DECIMAL(18, 2)) END AS cost_per_engaged
FROM lines AS l
LEFT JOIN counted AS c ON c.as_of = l.as_of AND c.contract_id = l.contract_id AND c.line_id = l.line_id
LEFT JOIN annual AS n ON n.as_of = l.as_of AND n.app_id = l.app_id
LEFT JOIN metrics.app_evidence AS e ON e.as_of = l.as_of AND e.app_id = l.app_id
