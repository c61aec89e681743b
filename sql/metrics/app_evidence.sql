-- description: What is known of each app on each report date, by kind of source.
-- grain: as_of, app_id
-- materialize: as_of
-- key: as_of, app_id
WITH usage_sources AS (
    SELECT
        d.as_of, s.app_id,
        CASE s.kind WHEN 'roster' THEN 'roster' WHEN 'engagement' THEN 'engagement' ELSE 'sso' END AS kind,
        min(s.first_date) AS first_seen
    FROM params.as_of_dates AS d
    INNER JOIN metrics.sources AS s ON s.first_date <= d.as_of
    GROUP BY d.as_of, s.app_id, CASE s.kind WHEN 'roster' THEN 'roster' WHEN 'engagement' THEN 'engagement' ELSE 'sso' END
),
seen AS (
    SELECT d.as_of, x.app_id, x.kind, min(x.day) AS first_seen
    FROM params.as_of_dates AS d
    INNER JOIN metrics.discovery_daily AS x ON x.day <= d.as_of
    GROUP BY d.as_of, x.app_id, x.kind
),
spent AS (
    SELECT
        d.as_of, s.app_id, min(s.transaction_date) AS first_seen,
        TRY_CAST(CASE
            WHEN max(CASE WHEN s.transaction_date > CAST(d.as_of - INTERVAL '12' MONTH AS DATE) THEN 1 ELSE 0 END) = 0 THEN 0
            ELSE sum(CASE WHEN s.transaction_date > CAST(d.as_of - INTERVAL '12' MONTH AS DATE) THEN s.exact_base END)
        END AS DECIMAL(18, 2)) AS spend_12m,
        max(CASE WHEN s.transaction_date > CAST(d.as_of - INTERVAL '12' MONTH AS DATE) THEN 1 ELSE 0 END) AS spent_12m
    FROM params.as_of_dates AS d
    INNER JOIN core.spend AS s ON s.transaction_date <= d.as_of AND s.app_id IS NOT NULL AND NOT s.is_duplicate
    GROUP BY d.as_of, s.app_id
),
contracted AS (
    SELECT d.as_of, l.app_id, min(l.start_date) AS first_seen
    FROM params.as_of_dates AS d
    INNER JOIN core.contract_lines AS l ON l.start_date <= d.as_of AND l.state <> 'never' AND l.app_id IS NOT NULL
    GROUP BY d.as_of, l.app_id
),
kinds AS (
    SELECT as_of, app_id, kind, first_seen, CAST(NULL AS DECIMAL(18, 2)) AS spend_12m, 0 AS spent_12m FROM usage_sources
    UNION ALL
    SELECT as_of, app_id, kind, first_seen, NULL, 0 FROM seen
    UNION ALL
    SELECT as_of, app_id, 'spend', first_seen, spend_12m, spent_12m FROM spent
    UNION ALL
    SELECT as_of, app_id, 'contract', first_seen, NULL, 0 FROM contracted
)
SELECT
    as_of,
    app_id,
    min(first_seen) AS first_seen,
    max(spend_12m) AS spend_12m,
    max(spent_12m) = 1 AS has_spend_12m,
    max(CASE WHEN kind = 'contract' THEN 1 ELSE 0 END) = 1 AS has_contract,
    max(CASE WHEN kind IN ('contract', 'engagement', 'roster', 'sso') THEN 0 ELSE 1 END) = 1
        AND max(CASE WHEN kind IN ('contract', 'engagement', 'roster', 'sso') THEN 1 ELSE 0 END) = 0 AS is_discovered,
    substr(
        max(CASE WHEN kind = 'contract' THEN ', contract' ELSE '' END)
        || max(CASE WHEN kind = 'engagement' THEN ', engagement' ELSE '' END)
        || max(CASE WHEN kind = 'network' THEN ', network' ELSE '' END)
        || max(CASE WHEN kind = 'roster' THEN ', roster' ELSE '' END)
        || max(CASE WHEN kind = 'social' THEN ', social' ELSE '' END)
        || max(CASE WHEN kind = 'spend' THEN ', spend' ELSE '' END)
        || max(CASE WHEN kind = 'sso' THEN ', sso' ELSE '' END), 3
    ) AS sources
FROM kinds
GROUP BY as_of, app_id
