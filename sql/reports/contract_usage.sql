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
-- column provisioned_users: The provisioned users of the line's app and instance, filled into its lines in the order of their ids (numbers as numbers) up to their licences, what is left over into the last. Lines with a tier share the accounts of that tier, lines without one the rest; lines that name no instance share all instances but those that other lines name and the excluded ones; lines that do not say how many licences come last. NULL when unknown (a tier where the roster names none, too) or no user line.
-- column engaged_users_30d: Provisioned people with an engaged action in 30 days, counted and filled likewise. NULL when no engagement source is connected.
-- column unused_licences: licences minus provisioned_users, at least 0. NULL when either is unknown.
-- column over_provisioned: provisioned_users minus licences, at least 0: a true-up risk. NULL when either is unknown.
-- column annual_spend: DECIMAL, organisation's currency, at the latest rate on or before as_of. NULL when the price or the rate is unknown.
-- column spend_12m: DECIMAL, organisation's currency: the app's spend in twelve months, shared over its lines by annual spend so that the shares sum to it. NULL when no spend names the app or the line's annual spend is unknown.
-- column cost_per_engaged: annual_spend per engaged user; NULL when either is unknown or nobody is engaged.
-- column true_up_cost: DECIMAL a year, organisation's currency: over_provisioned at the line's price per licence, what a true-up would add. 0 when the licences suffice; NULL when over_provisioned or the price is unknown.
WITH lines AS (
    SELECT l.*
    FROM metrics.contract_lines_current AS l
    INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
),
-- An instance that lines name is counted for them; all others of the app together for the lines that name none.
named AS (
    SELECT as_of, app_id, instance_id
    FROM lines
    WHERE is_user_licence AND instance_id IS NOT NULL
    GROUP BY as_of, app_id, instance_id
),
pools AS (
    SELECT
        e.as_of, e.app_id, e.instance_id,
        CASE WHEN n.instance_id IS NULL THEN '' ELSE e.instance_id END AS pool,
        e.provisioned_users, e.engaged_users
    FROM reports.engagement AS e
    INNER JOIN params.as_of_dates AS d ON d.as_of = e.as_of
    LEFT JOIN named AS n ON n.as_of = e.as_of AND n.app_id = e.app_id AND n.instance_id = e.instance_id
    LEFT JOIN params.excluded_instances AS x ON x.app_id = e.app_id AND x.instance_id = e.instance_id
    WHERE e.window_days = 30 AND (x.instance_id IS NULL OR n.instance_id IS NOT NULL)
),
pooled AS (
    SELECT
        as_of, app_id, pool,
        CAST(sum(provisioned_users) AS BIGINT) AS provisioned_users,
        CAST(sum(engaged_users) AS BIGINT) AS engaged_users
    FROM pools
    GROUP BY as_of, app_id, pool
),
tiers AS (
    SELECT
        p.date AS as_of, a.app_id, o.pool, lower(a.tier) AS tier,
        count(*) AS provisioned_users,
        count(DISTINCT CASE WHEN w.last_engaged > CAST(p.date - INTERVAL '30' DAY AS DATE) THEN a.instance_id || ' ' || a.person_id END) AS engaged_users
    FROM reports.provisioned_users_daily AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.date
    INNER JOIN pools AS o ON o.as_of = p.date AND o.app_id = p.app_id AND o.instance_id = p.instance_id
    INNER JOIN core.accounts AS a
        ON a.connection = p.basis_connection AND a.snapshot_date = p.basis_as_of
        AND a.app_id = p.app_id AND a.instance_id = p.instance_id AND a.status <> 'deactivated'
    LEFT JOIN metrics.instance_numbers AS n ON n.instance_key = p.app_id || '/' || p.instance_id
    LEFT JOIN metrics.person_numbers AS k ON k.person_id = a.person_id
    LEFT JOIN metrics.activity_window AS w ON w.as_of = p.date AND w.instance_no = n.instance_no AND w.person_no = k.person_no
    WHERE p.basis = 'connector_exact' AND a.tier IS NOT NULL
    GROUP BY p.date, a.app_id, o.pool, lower(a.tier)
),
-- Lines of one app, instance and tier stand in one queue.
queued AS (
    SELECT
        l.as_of, l.contract_id, l.line_id, l.app_id, l.licences,
        coalesce(l.instance_id, '') AS pool,
        coalesce(lower(l.tier), '') AS tier,
        coalesce(sum(l.licences) OVER w, 0) - coalesce(l.licences, 0) AS before,
        lead(l.line_id) OVER w IS NULL AS is_last
    FROM lines AS l
    WHERE l.is_user_licence
    WINDOW w AS (
        PARTITION BY l.as_of, l.app_id, coalesce(l.instance_id, ''), coalesce(lower(l.tier), '')
        ORDER BY CASE WHEN l.licences IS NULL THEN 1 ELSE 0 END, l.contract_id, TRY_CAST(l.line_id AS BIGINT) NULLS LAST, l.line_id
    )
),
queues AS (
    SELECT as_of, app_id, pool, tier FROM queued GROUP BY as_of, app_id, pool, tier
),
-- What is in the tiers that lines name is not there for the lines that name none.
claimed AS (
    SELECT
        q.as_of, q.app_id, q.pool,
        max(CASE WHEN k.pool IS NULL THEN 1 ELSE 0 END) = 1 AS is_unknown,
        coalesce(sum(t.provisioned_users), 0) AS provisioned_users,
        coalesce(sum(t.engaged_users), 0) AS engaged_users
    FROM queues AS q
    LEFT JOIN (SELECT DISTINCT as_of, app_id, pool FROM tiers) AS k ON k.as_of = q.as_of AND k.app_id = q.app_id AND k.pool = q.pool
    LEFT JOIN tiers AS t ON t.as_of = q.as_of AND t.app_id = q.app_id AND t.pool = q.pool AND t.tier = q.tier
    WHERE q.tier <> ''
    GROUP BY q.as_of, q.app_id, q.pool
),
supply AS (
    SELECT
        q.as_of, q.app_id, q.pool, q.tier,
        CASE
            WHEN p.provisioned_users IS NULL OR coalesce(c.is_unknown, false) THEN NULL
            WHEN q.tier <> '' THEN coalesce(t.provisioned_users, 0)
            ELSE p.provisioned_users - coalesce(c.provisioned_users, 0)
        END AS provisioned_users,
        CASE
            WHEN p.engaged_users IS NULL OR coalesce(c.is_unknown, false) THEN NULL
            WHEN q.tier <> '' THEN coalesce(t.engaged_users, 0)
            ELSE p.engaged_users - coalesce(c.engaged_users, 0)
        END AS engaged_users
    FROM queues AS q
    LEFT JOIN pooled AS p ON p.as_of = q.as_of AND p.app_id = q.app_id AND p.pool = q.pool
    LEFT JOIN claimed AS c ON c.as_of = q.as_of AND c.app_id = q.app_id AND c.pool = q.pool
    LEFT JOIN tiers AS t ON t.as_of = q.as_of AND t.app_id = q.app_id AND t.pool = q.pool AND t.tier = q.tier
),
counted AS (
    SELECT
        q.as_of, q.contract_id, q.line_id,
        CASE
            WHEN s.provisioned_users IS NULL OR (q.licences IS NULL AND NOT q.is_last) THEN NULL
            WHEN s.provisioned_users <= q.before THEN 0
            WHEN q.is_last OR s.provisioned_users - q.before < q.licences THEN s.provisioned_users - q.before
            ELSE q.licences
        END AS provisioned_users,
        CASE
            WHEN s.engaged_users IS NULL OR (q.licences IS NULL AND NOT q.is_last) THEN NULL
            WHEN s.engaged_users <= q.before THEN 0
            WHEN q.is_last OR s.engaged_users - q.before < q.licences THEN s.engaged_users - q.before
            ELSE q.licences
        END AS engaged_users
    FROM queued AS q
    LEFT JOIN supply AS s ON s.as_of = q.as_of AND s.app_id = q.app_id AND s.pool = q.pool AND s.tier = q.tier
),
-- Shares are rounded where they end, so that they sum to the whole.
shared AS (
    SELECT
        l.as_of, l.contract_id, l.line_id, l.annual_spend,
        CAST(sum(l.annual_spend) OVER (PARTITION BY l.as_of, l.app_id) AS DECIMAL(20, 2)) AS whole,
        CAST(sum(l.annual_spend) OVER (PARTITION BY l.as_of, l.app_id ORDER BY l.contract_id, l.line_id) AS DECIMAL(20, 2)) AS up_to
    FROM lines AS l
    WHERE l.app_id IS NOT NULL
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
    CASE
        WHEN NOT l.is_user_licence OR l.licences IS NULL OR c.provisioned_users IS NULL THEN NULL
        WHEN l.licences > c.provisioned_users THEN CAST(l.licences - c.provisioned_users AS BIGINT)
        ELSE 0
    END AS unused_licences,
    CASE
        WHEN NOT l.is_user_licence OR l.licences IS NULL OR c.provisioned_users IS NULL THEN NULL
        WHEN c.provisioned_users > l.licences THEN CAST(c.provisioned_users - l.licences AS BIGINT)
        ELSE 0
    END AS over_provisioned,
    l.annual_spend,
    CASE WHEN n.whole > 0 AND l.annual_spend IS NOT NULL THEN
        CAST(CAST(CAST(e.spend_12m * n.up_to / n.whole AS DECIMAL(28, 8)) AS DECIMAL(18, 2))
            - CAST(CAST(e.spend_12m * CAST(n.up_to - n.annual_spend AS DECIMAL(20, 2)) / n.whole AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) AS DECIMAL(18, 2))
    END AS spend_12m,
    CASE WHEN c.engaged_users > 0 THEN CAST(CAST(l.annual_spend / c.engaged_users AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS cost_per_engaged,
    CASE
        WHEN NOT l.is_user_licence OR l.licences IS NULL OR l.licences = 0 OR c.provisioned_users IS NULL THEN NULL
        WHEN c.provisioned_users > l.licences
            THEN CAST(CAST(l.annual_spend * CAST(c.provisioned_users - l.licences AS BIGINT) / l.licences AS DECIMAL(28, 8)) AS DECIMAL(18, 2))
        WHEN l.annual_spend IS NOT NULL THEN CAST(0 AS DECIMAL(18, 2))
    END AS true_up_cost
FROM lines AS l
LEFT JOIN counted AS c ON c.as_of = l.as_of AND c.contract_id = l.contract_id AND c.line_id = l.line_id
LEFT JOIN shared AS n ON n.as_of = l.as_of AND n.contract_id = l.contract_id AND n.line_id = l.line_id
LEFT JOIN metrics.app_evidence AS e ON e.as_of = l.as_of AND e.app_id = l.app_id
