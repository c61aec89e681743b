-- description: The app's contract lines, of which the value is shared, and what people of the team, place, reporting line or cost centre spent on it.
WITH charged AS (
    SELECT s.*, b.person_id IS NOT NULL AS is_placed
    FROM spend_12m AS s
    LEFT JOIN (SELECT DISTINCT person_id FROM belongs) AS b ON b.person_id = s.person_id
),
members AS (
    SELECT DISTINCT b.person_id
    FROM picked AS k
    INNER JOIN belongs AS b ON b.dimension = k.dimension AND b.dimension_value = k.dimension_value
)
SELECT 'spend_12m' AS measure, s.item, s.person_id, s.value, s.detail
FROM picked AS k
CROSS JOIN charged AS s
LEFT JOIN members AS m ON m.person_id = s.person_id
WHERE s.value IS NOT NULL AND (m.person_id IS NOT NULL OR k.dimension_value = '(unknown)' AND NOT s.is_placed)
UNION ALL
SELECT 'licences', u.contract_id || '/' || u.line_id, NULL, u.licences,
    coalesce(u.tier || ', ', '') || 'annual spend ' || coalesce(CAST(u.annual_spend AS VARCHAR), 'unknown')
FROM picked AS k
INNER JOIN reports.contract_usage AS u ON u.as_of = k.as_of AND u.app_id = k.app_id AND u.licences IS NOT NULL
WHERE k.allocated_contract_value IS NOT NULL
