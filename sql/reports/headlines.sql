-- description: The figures that stand at the top: page, terminal and messages read them here, so that they are the same everywhere.
-- grain: as_of, measure
-- materialize: table
-- key: as_of, measure
-- column as_of: DATE of the run.
-- column measure: apps, apps_in_use, discovered_apps, licences, contract_spend (a year; quantity: the lines whose price or rate is unknown and missing in it), unused_licences (amount: what they cost a year; but those of apps that everybody is meant to have, which are birthright_unused), unmeasured_licences (whose use is unknown), over_provisioned (seats beyond the licences bought; amount: what a true-up costs a year), saving_certain and saving_likely (a month; see savings), software_spend_12m, and unknown_spend_12m (of which nobody knows whether it is software); of the last twelve months.
-- column quantity: How many; NULL for measures that are money alone, and when unknown.
-- column amount: DECIMAL, organisation's currency; NULL for measures that are counts alone, and when unknown.
-- column is_stale: Whether one of the sources behind it was more than 2 days behind as_of or never read to the end: lists and activity, contracts and spend of those that a vendor keeps; files of them that were never read to the end, and lists that lack too many of their records.
WITH portfolio AS (
    SELECT p.*
    FROM reports.app_portfolio AS p
    INNER JOIN params.run AS q ON q.as_of = p.as_of
),
lines AS (
    SELECT
        u.*,
        CASE WHEN b.app_id IS NULL THEN u.unused_licences END AS to_give_up,
        CASE WHEN b.app_id IS NULL THEN u.unused_cost END AS to_give_up_cost,
        CASE WHEN b.app_id IS NOT NULL THEN u.unused_licences END AS in_reserve,
        CASE WHEN b.app_id IS NOT NULL THEN u.unused_cost END AS in_reserve_cost
    FROM reports.contract_usage AS u
    INNER JOIN params.run AS q ON q.as_of = u.as_of
    LEFT JOIN params.app_policy AS b ON b.app_id = u.app_id AND b.is_birthright
    WHERE u.is_user_licence
),
spent AS (
    SELECT c.spend_class, c.amount
    FROM reports.spend_by_class AS c
    INNER JOIN params.run AS q ON c.month > CAST(q.as_of - INTERVAL '12' MONTH AS DATE) AND c.month <= q.as_of
),
-- Contracts of which too many lines do not count, and files that were never read to the end.
missing AS (
    SELECT
        coalesce(max(CASE WHEN m.feed IN ('contracts', 'fx_rates') THEN 1 ELSE 0 END), 0) = 1 AS contracts,
        coalesce(max(CASE WHEN m.feed IN ('spend', 'fx_rates') THEN 1 ELSE 0 END), 0) = 1 AS spend
    FROM (
        SELECT f.feed
        FROM metrics.streams_short AS t
        INNER JOIN params.connections AS c ON c.connection = t.connection
        INNER JOIN params.feed_streams AS f ON f.stream = t.stream AND f.connector = replace(c.connector, '-', '_')
        UNION ALL
        SELECT h.stream
        FROM params.health AS h
        INNER JOIN params.connections AS c ON c.connection = h.connection AND c.connector = 'file'
        WHERE h.is_stale AND h.stream IN ('contracts', 'fx_rates', 'spend')
    ) AS m
),
-- Files of contracts and charges come when they come; what a vendor keeps is read daily.
late AS (
    SELECT
        max(CASE WHEN s.feed = 'contracts' THEN 1 ELSE 0 END) = 1 AS contracts,
        max(CASE WHEN s.feed = 'spend' THEN 1 ELSE 0 END) = 1 AS spend
    FROM metrics.source_reach AS s
    CROSS JOIN params.run AS q
    INNER JOIN params.connections AS c ON c.connection = s.connection AND c.connector <> 'file' AND (c.disconnected_on IS NULL OR q.as_of <= c.disconnected_on)
    INNER JOIN (SELECT DISTINCT connection FROM params.health WHERE is_stale) AS h ON h.connection = s.connection
    WHERE s.fresh_until IS NULL OR s.fresh_until < q.as_of
),
used AS (
    SELECT max(CASE WHEN is_stale THEN 1 ELSE 0 END) = 1 AS apps FROM portfolio
),
filled AS (
    SELECT max(CASE WHEN is_stale THEN 1 ELSE 0 END) = 1 AS lines FROM lines
),
saved AS (
    SELECT max(CASE WHEN is_stale THEN 1 ELSE 0 END) = 1 AS savings FROM reports.savings
),
found AS (
    SELECT max(CASE WHEN d.is_stale THEN 1 ELSE 0 END) = 1 AS discovered
    FROM reports.discovered_apps AS d
    INNER JOIN params.run AS q ON q.as_of = d.as_of
),
figures AS (
    SELECT 'apps' AS measure, count(*) AS quantity, CAST(NULL AS DECIMAL(18, 2)) AS amount FROM portfolio
    UNION ALL
    SELECT 'apps_in_use', count(*), NULL FROM portfolio WHERE status = 'active'
    UNION ALL
    SELECT 'discovered_apps', count(*), NULL FROM portfolio WHERE is_discovered
    UNION ALL
    SELECT 'licences', CAST(sum(licences) AS BIGINT), NULL FROM lines
    UNION ALL
    SELECT 'contract_spend', count(*) - count(annual_spend), TRY_CAST(sum(annual_spend) AS DECIMAL(18, 2)) FROM lines
    UNION ALL
    SELECT 'unused_licences', CAST(sum(to_give_up) AS BIGINT), TRY_CAST(sum(to_give_up_cost) AS DECIMAL(18, 2)) FROM lines
    UNION ALL
    SELECT 'birthright_unused', CAST(coalesce(sum(in_reserve), 0) AS BIGINT), TRY_CAST(coalesce(sum(in_reserve_cost), 0) AS DECIMAL(18, 2)) FROM lines
    UNION ALL
    SELECT 'unmeasured_licences', CAST(coalesce(sum(CASE WHEN unused_licences IS NULL THEN licences END), 0) AS BIGINT), NULL FROM lines
    UNION ALL
    SELECT 'over_provisioned', CAST(sum(over_provisioned) AS BIGINT), TRY_CAST(sum(true_up_cost) AS DECIMAL(18, 2)) FROM lines
    UNION ALL
    SELECT 'saving_certain', NULL, TRY_CAST(sum(certain) AS DECIMAL(18, 2)) FROM reports.savings
    UNION ALL
    SELECT 'saving_likely', NULL, TRY_CAST(sum(likely) AS DECIMAL(18, 2)) FROM reports.savings
    UNION ALL
    SELECT 'software_spend_12m', NULL, TRY_CAST(sum(CASE WHEN spend_class = 'software' THEN amount END) AS DECIMAL(18, 2)) FROM spent
    UNION ALL
    SELECT 'unknown_spend_12m', NULL, TRY_CAST(sum(CASE WHEN spend_class = 'unknown' THEN amount ELSE 0 END) AS DECIMAL(18, 2)) FROM spent
)
SELECT
    q.as_of, f.measure, f.quantity, f.amount,
    coalesce(CASE
        WHEN f.measure IN ('licences', 'contract_spend') THEN l.contracts OR k.contracts
        WHEN f.measure IN ('software_spend_12m', 'unknown_spend_12m') THEN l.spend OR k.spend
        WHEN f.measure IN ('saving_certain', 'saving_likely') THEN s.savings OR l.contracts OR k.contracts
        WHEN f.measure = 'discovered_apps' THEN d.discovered OR l.spend OR k.spend
        WHEN f.measure = 'apps' THEN false
        WHEN f.measure = 'apps_in_use' THEN u.apps OR l.contracts OR k.contracts OR l.spend OR k.spend
        ELSE n.lines OR l.contracts OR k.contracts
    END, false) AS is_stale
FROM figures AS f
CROSS JOIN params.run AS q
CROSS JOIN late AS l
CROSS JOIN missing AS k
CROSS JOIN used AS u
CROSS JOIN filled AS n
CROSS JOIN saved AS s
CROSS JOIN found AS d
