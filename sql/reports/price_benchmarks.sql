-- description: What a licence costs, beside references.
-- grain: as_of, app_id, tier, cohort
-- materialize: table
-- key: as_of, app_id, tier, cohort
-- column as_of: DATE of the run.
-- column app_id: The app.
-- column tier: The licence type, by its words in lower case, + as plus; empty for contract lines that name none.
-- column cohort: The reference's name; reference where there is none.
-- column own_price: DECIMAL a licence and year, organisation's currency. NULL unless status is ok.
-- column cohort_n: How many prices the reference has. NULL unless status is ok.
-- column p33: A third of the prices lie below. NULL unless status is ok.
-- column p50: Median. NULL unless status is ok.
-- column p66: Two thirds of the prices lie below. NULL unless status is ok.
-- column position: low (below p33), middle or high (above p66). NULL unless status is ok, and where the reference lacks one of the two.
-- column status: ok, no_price (a current contract whose price is unknown, or an app in use that has a reference but no contract), below_min_n (fewer than 5 prices) or no_reference.
WITH lines AS (
    SELECT
        l.as_of, l.app_id, coalesce(names.tier_key(l.tier), '') AS tier,
        CASE WHEN count(*) = count(l.annual_spend) AND count(*) = count(CASE WHEN l.is_credit THEN 0 ELSE l.licences END) AND sum(l.licences) > 0
            THEN CAST(CAST(sum(l.annual_spend) / sum(l.licences) AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS own_price
    FROM metrics.contract_lines_current AS l
    INNER JOIN params.run AS q ON q.as_of = l.as_of
    WHERE l.is_user_licence AND l.app_id IS NOT NULL
    GROUP BY l.as_of, l.app_id, coalesce(names.tier_key(l.tier), '')
),
references_by_tier AS (
    SELECT
        f.app_id, CASE WHEN f.metric = 'price' THEN '' ELSE substr(f.metric, 7) END AS tier, f.cohort, f.n,
        CAST(f.p33 AS DECIMAL(18, 2)) AS p33, CAST(f.p50 AS DECIMAL(18, 2)) AS p50, CAST(f.p66 AS DECIMAL(18, 2)) AS p66
    FROM metrics.benchmark_references AS f
    WHERE f.metric = 'price' OR f.metric LIKE 'price:%'
),
compared AS (
    SELECT l.as_of, l.app_id, l.tier, coalesce(f.cohort, 'reference') AS cohort, l.own_price, f.n, f.p33, f.p50, f.p66,
        CASE
            WHEN l.own_price IS NULL THEN 'no_price'
            WHEN f.n IS NULL THEN 'no_reference'
            WHEN f.n < 5 THEN 'below_min_n'
            ELSE 'ok'
        END AS status
    FROM lines AS l
    LEFT JOIN references_by_tier AS f ON f.app_id = l.app_id AND f.tier = l.tier
    UNION ALL
    SELECT q.as_of, f.app_id, f.tier, f.cohort, NULL, NULL, NULL, NULL, NULL, 'no_price'
    FROM references_by_tier AS f
    CROSS JOIN params.run AS q
    INNER JOIN core.apps AS a ON a.app_id = f.app_id
    LEFT JOIN (SELECT app_id FROM lines GROUP BY app_id) AS l ON l.app_id = f.app_id
    WHERE l.app_id IS NULL
)
SELECT
    as_of,
    app_id,
    tier,
    cohort,
    CASE WHEN status = 'ok' THEN own_price END AS own_price,
    CASE WHEN status = 'ok' THEN n END AS cohort_n,
    CASE WHEN status = 'ok' THEN p33 END AS p33,
    CASE WHEN status = 'ok' THEN p50 END AS p50,
    CASE WHEN status = 'ok' THEN p66 END AS p66,
    CASE
        WHEN status <> 'ok' OR p33 IS NULL OR p66 IS NULL THEN NULL
        WHEN own_price < p33 THEN 'low'
        WHEN own_price > p66 THEN 'high'
        ELSE 'middle'
    END AS position,
    status
FROM compared
