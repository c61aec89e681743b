-- description: The seats that fill the contract's lines, who of them uses it, and what the recommendation counts: the seats to keep and the spare licences of each line.
WITH RECURSIVE lines AS (
    SELECT l.*
    FROM picked AS k
    INNER JOIN reports.renewal_lines AS l ON l.as_of = k.as_of AND l.contract_id = k.contract_id
),
held AS (
    SELECT h.*
    FROM lines AS l
    INNER JOIN core.line_holders AS h ON h.as_of = l.as_of AND h.contract_id = l.contract_id AND h.line_id = l.line_id
),
spare (line_id, place, spares, active) AS (
    SELECT l.line_id, 1, l.recommended_licences - l.right_sized, l.active
    FROM lines AS l
    INNER JOIN picked AS k ON k.recommended_licences IS NOT NULL
    WHERE l.recommended_licences > l.right_sized
    UNION ALL
    SELECT s.line_id, s.place + 1, s.spares, s.active FROM spare AS s WHERE s.place < s.spares
)
SELECT 'held' AS measure, 'line ' || h.line_id || ': ' || h.seat AS item, h.person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, coalesce(h.tier || ', ', '') || h.decision AS detail
FROM held AS h
INNER JOIN picked AS k ON k.held IS NOT NULL
UNION ALL
SELECT 'active', 'line ' || h.line_id || ': ' || h.person_id, h.person_id, NULL,
    CASE WHEN max(CASE WHEN h.is_engaged THEN 1 ELSE 0 END) = 1 THEN 'last engaged on ' || CAST(max(h.last_engaged) AS VARCHAR) ELSE 'last signed in on ' || CAST(max(h.last_login) AS VARCHAR) END
FROM held AS h
INNER JOIN picked AS k ON k.active IS NOT NULL
WHERE h.is_active
GROUP BY h.line_id, h.person_id
UNION ALL
SELECT 'recommended_licences', 'line ' || h.line_id || ': ' || h.seat, h.person_id, NULL, CASE WHEN h.is_active THEN 'in use' ELSE 'kept' END
FROM held AS h
INNER JOIN picked AS k ON k.recommended_licences IS NOT NULL
WHERE h.decision <> 'release'
UNION ALL
SELECT 'recommended_licences', '~line ' || s.line_id || ': buffer ' || CAST(s.place AS VARCHAR), NULL, NULL, 'buffer for ' || CAST(s.active AS VARCHAR) || CASE WHEN s.active = 1 THEN ' active person' ELSE ' active people' END || ', rounded up'
FROM spare AS s
