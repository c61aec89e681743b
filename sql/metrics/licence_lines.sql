-- description: The user-licence lines of current contracts, in the queues that seats fill: lines of one app, instance and tier stand one behind the other, in the order of their ids, those that do not say how many licences last.
-- grain: as_of, contract_id, line_id
-- materialize: as_of
-- key: as_of, contract_id, line_id
SELECT
    l.as_of, l.contract_id, l.line_id, l.app_id, l.instance_id, l.tier, l.licences, l.annual_spend,
    coalesce(l.instance_id, '') AS pool,
    coalesce(names.tier_key(l.tier), '') AS queue_tier,
    CASE WHEN l.licences > 0 THEN CAST(l.annual_spend / l.licences AS DECIMAL(28, 8)) END AS annual_price,
    CAST(coalesce(sum(l.licences) OVER w, 0) - coalesce(l.licences, 0) AS BIGINT) AS before,
    lead(l.line_id) OVER w IS NULL AS is_last
FROM metrics.contract_lines_current AS l
INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
WHERE l.is_user_licence AND NOT l.is_credit AND l.app_id IS NOT NULL
WINDOW w AS (
    PARTITION BY l.as_of, l.app_id, coalesce(l.instance_id, ''), coalesce(names.tier_key(l.tier), '')
    ORDER BY CASE WHEN l.licences IS NULL THEN 1 ELSE 0 END, l.contract_id, TRY_CAST(l.line_id AS BIGINT) NULLS LAST, l.line_id
)
