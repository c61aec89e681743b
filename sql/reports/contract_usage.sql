-- description: Each line of each current contract beside the people who hold and use it. Lines for an instance that is left out of the app's numbers are left out with it.
-- grain: as_of, contract_id, line_id
-- materialize: as_of
-- key: as_of, contract_id, line_id
-- column as_of: DATE the numbers are of.
-- column contract_id: The contract.
-- column line_id: The line.
-- column app_id: The app; NULL when the line's app is not known.
-- column instance_id: The app's instance; NULL when the line is for the app as a whole.
-- column tier: The licence type; NULL when the line names none.
-- column is_user_licence: Whether the line buys user licences of software. Services, consumption and what is no software (an office lease) are in no count of licences and no contract spend.
-- column licences: User licences bought; NULL for other lines and for credits (a price below 0 brings money, no licences).
-- column provisioned_users: Seats that fill the line: accounts where a roster is known, else people, each once. Seats fill the lines of their app and instance in the order of the lines' ids (numbers as numbers) up to their licences, those in use first; what is left over goes into the last. Lines with a tier share the accounts of that tier; lines without one the rest but free tiers, which fill no bought licence; lines that name no instance share all instances but those that other lines name and the excluded ones; lines that do not say how many licences come last. NULL when unknown (a tier where the roster names none, too) or the line buys no user licences.
-- column engaged_users_30d: Of the people who fill the line those with an engaged action in 30 days. NULL when no engagement source is connected.
-- column unused_licences: licences minus provisioned_users, at least 0. NULL when either is unknown.
-- column over_provisioned: provisioned_users minus licences, at least 0: a true-up risk. NULL when either is unknown.
-- column annual_spend: DECIMAL, organisation's currency, at the latest rate on or before as_of. NULL when the price or the rate is unknown.
-- column spend_12m: DECIMAL, organisation's currency: the app's spend in twelve months, shared over its lines by annual spend so that the shares sum to it. NULL when no spend names the app or the line's annual spend is unknown.
-- column cost_per_engaged: annual_spend per engaged user; NULL when either is unknown or nobody is engaged.
-- column unused_cost: DECIMAL a year, organisation's currency: unused_licences at the line's price per licence. NULL when either is unknown.
-- column true_up_cost: DECIMAL a year, organisation's currency: over_provisioned at the line's price per licence, what a true-up would add. 0 when the licences suffice; NULL when over_provisioned or the price is unknown.
-- column is_stale: Whether a list or the activity behind the row was more than 2 days behind as_of, or never read to the end. False where nothing is known of it.
WITH lines AS (
    SELECT l.*
    FROM metrics.contract_lines_current AS l
    INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
),
-- Shares are rounded where they end, so that they sum to the whole.
shared AS (
    SELECT
        l.as_of, l.contract_id, l.line_id, l.annual_spend,
        TRY_CAST(sum(l.annual_spend) OVER (PARTITION BY l.as_of, l.app_id) AS DECIMAL(20, 2)) AS whole,
        TRY_CAST(sum(l.annual_spend) OVER (PARTITION BY l.as_of, l.app_id ORDER BY l.contract_id, l.line_id) AS DECIMAL(20, 2)) AS up_to
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
    l.is_user_licence,
    CASE WHEN l.is_user_licence THEN l.licences END AS licences,
    CAST(c.held AS BIGINT) AS provisioned_users,
    CAST(c.engaged AS BIGINT) AS engaged_users_30d,
    CASE
        WHEN NOT l.is_user_licence OR l.licences IS NULL OR c.held IS NULL THEN NULL
        WHEN l.licences > c.held THEN CAST(l.licences - c.held AS BIGINT)
        ELSE 0
    END AS unused_licences,
    CASE
        WHEN NOT l.is_user_licence OR l.licences IS NULL OR c.held IS NULL THEN NULL
        WHEN c.held > l.licences THEN CAST(c.held - l.licences AS BIGINT)
        ELSE 0
    END AS over_provisioned,
    l.annual_spend,
    CASE WHEN n.whole > 0 AND l.annual_spend IS NOT NULL THEN
        CAST(CAST(CAST(e.spend_12m * n.up_to / n.whole AS DECIMAL(28, 8)) AS DECIMAL(18, 2))
            - CAST(CAST(e.spend_12m * CAST(n.up_to - n.annual_spend AS DECIMAL(20, 2)) / n.whole AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) AS DECIMAL(18, 2))
    END AS spend_12m,
    CASE WHEN c.engaged > 0 THEN CAST(CAST(l.annual_spend / c.engaged AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS cost_per_engaged,
    CASE WHEN l.is_user_licence AND l.licences > 0 AND c.held IS NOT NULL
        THEN CAST(CAST(l.annual_spend * greatest(CAST(l.licences - c.held AS BIGINT), 0) / l.licences AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS unused_cost,
    CASE
        WHEN NOT l.is_user_licence OR l.licences IS NULL OR l.licences = 0 OR c.held IS NULL THEN NULL
        WHEN c.held > l.licences
            THEN CAST(CAST(l.annual_spend * CAST(c.held - l.licences AS BIGINT) / l.licences AS DECIMAL(28, 8)) AS DECIMAL(18, 2))
        WHEN l.annual_spend IS NOT NULL THEN CAST(0 AS DECIMAL(18, 2))
    END AS true_up_cost,
    coalesce(c.is_stale, false) AS is_stale
FROM lines AS l
LEFT JOIN metrics.line_holdings AS c ON c.as_of = l.as_of AND c.contract_id = l.contract_id AND c.line_id = l.line_id
LEFT JOIN shared AS n ON n.as_of = l.as_of AND n.contract_id = l.contract_id AND n.line_id = l.line_id
LEFT JOIN metrics.app_evidence AS e ON e.as_of = l.as_of AND e.app_id = l.app_id
