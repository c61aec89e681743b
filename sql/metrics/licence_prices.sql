-- description: What a licence of an app costs a year on each report date, by tier, from the user-licence lines of current contracts. The tier is empty for lines that name none.
-- grain: as_of, app_id, tier_key
-- materialize: as_of
-- key: as_of, app_id, tier_key
SELECT
    l.as_of,
    l.app_id,
    coalesce(names.tier_key(l.tier), '') AS tier_key,
    sum(l.licences) AS licences,
    sum(l.annual_spend) AS annual_spend,
    CAST(CAST(sum(l.annual_spend) / sum(l.licences) AS DECIMAL(28, 8)) AS DECIMAL(18, 4)) AS annual_price
FROM metrics.contract_lines_current AS l
INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
WHERE l.is_user_licence AND l.app_id IS NOT NULL AND l.licences > 0 AND l.annual_spend IS NOT NULL
GROUP BY l.as_of, l.app_id, coalesce(names.tier_key(l.tier), '')
