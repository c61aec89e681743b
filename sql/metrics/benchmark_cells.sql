-- description: Every row of the benchmark files, typed, prices in the organisation's currency, with what is wrong with it.
-- grain: one row of a file
-- materialize: table
WITH typed AS (
    SELECT
        b.connection,
        b.read_at,
        coalesce(a.app_id, b.app_key) AS app_id,
        CASE
            WHEN lower(trim(b.metric)) = 'feature:(engaged)' THEN 'engaged_pct'
            -- Tiers are compared as everywhere.
            WHEN lower(trim(b.metric)) LIKE 'price:_%' THEN 'price:' || coalesce(names.tier_key(substr(trim(b.metric), 7)), '')
            ELSE lower(trim(b.metric))
        END AS metric,
        trim(b.cohort) AS cohort,
        b.n, b.p25, b.p33, b.p50, b.p66, b.p75,
        b.benchmark_as_of,
        CASE WHEN b.currency IS NULL OR upper(trim(b.currency)) IN ('', q.currency) THEN 1 ELSE f.rate END AS rate
    FROM staging.benchmarks AS b
    CROSS JOIN params.run AS q
    LEFT JOIN names.app_aliases AS a ON a.app_key = b.app_key
    LEFT JOIN metrics.fx_spans AS f
        ON f.currency = upper(trim(b.currency)) AND f.valid_from <= q.as_of AND (f.valid_until IS NULL OR q.as_of < f.valid_until)
    WHERE b.app_key IS NOT NULL AND b.metric IS NOT NULL AND b.cohort IS NOT NULL
),
kinds AS (
    SELECT
        t.*,
        CASE
            WHEN t.metric = 'engaged_pct' OR t.metric LIKE 'feature:_%' THEN 'usage'
            WHEN t.metric = 'price' OR t.metric LIKE 'price:_%' THEN 'price'
        END AS kind
    FROM typed AS t
)
SELECT
    connection, read_at, app_id, metric, cohort, n, benchmark_as_of,
    p25, p75,
    CASE WHEN kind = 'price' THEN TRY_CAST(TRY(p33 * rate) AS DECIMAL(24, 10)) ELSE p33 END AS p33,
    CASE WHEN kind = 'price' THEN TRY_CAST(TRY(p50 * rate) AS DECIMAL(24, 10)) ELSE p50 END AS p50,
    CASE WHEN kind = 'price' THEN TRY_CAST(TRY(p66 * rate) AS DECIMAL(24, 10)) ELSE p66 END AS p66,
    CASE
        WHEN kind IS NULL THEN 'unknown metric; use engaged_pct, feature:NAME, price or price:TIER'
        WHEN cohort IN ('', 'own_past', 'own_teams', 'own_locations', 'own_instances') THEN 'this cohort name is taken; use another'
        WHEN n IS NULL OR n < 1 THEN 'n must be 1 or more'
        WHEN n >= 5 AND p50 IS NULL THEN 'p50 is missing'
        WHEN p25 < 0 OR p33 < 0 OR p50 < 0 OR p66 < 0 OR p75 < 0 THEN 'a quantile is below 0'
        WHEN kind = 'usage' AND (p25 > 100 OR p33 > 100 OR p50 > 100 OR p66 > 100 OR p75 > 100) THEN 'a percentage is above 100'
        WHEN coalesce(p33, p50) < p25 OR p50 < coalesce(p33, p25) OR coalesce(p66, p75) < p50 OR p75 < coalesce(p66, p50) THEN 'the quantiles do not rise'
        WHEN kind = 'price' AND rate IS NULL THEN 'no exchange rate for its currency; add one to an fx_rates file'
    END AS problem
FROM kinds
