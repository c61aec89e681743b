-- description: The seats that fill the line, who of them uses it, and what the recommendation counts: the seats to keep and the spare licences.
WITH RECURSIVE held AS (
    SELECT h.*
    FROM picked AS k
    INNER JOIN core.line_holders AS h ON h.as_of = k.as_of AND h.contract_id = k.contract_id AND h.line_id = k.line_id
    WHERE k.held IS NOT NULL
),
spare (place, spares, active) AS (
    SELECT 1, k.recommended_licences - k.right_sized, k.active FROM picked AS k WHERE k.recommended_licences > k.right_sized
    UNION ALL
    SELECT s.place + 1, s.spares, s.active FROM spare AS s WHERE s.place < s.spares
)
SELECT 'held' AS measure, seat AS item, person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, coalesce(tier || ', ', '') || decision AS detail
FROM held
UNION ALL
SELECT 'active', h.person_id, h.person_id, NULL,
    CASE WHEN max(CASE WHEN h.is_engaged THEN 1 ELSE 0 END) = 1 THEN 'last engaged on ' || CAST(max(h.last_engaged) AS VARCHAR) ELSE 'last signed in on ' || CAST(max(h.last_login) AS VARCHAR) END
FROM held AS h
INNER JOIN picked AS k ON k.active IS NOT NULL
WHERE h.is_active
GROUP BY h.person_id
UNION ALL
SELECT 'right_sized', h.seat, h.person_id, NULL, CASE WHEN h.is_active THEN 'in use' ELSE 'kept' END
FROM held AS h
INNER JOIN picked AS k ON k.right_sized IS NOT NULL
WHERE h.decision <> 'release'
UNION ALL
SELECT 'recommended_licences', h.seat, h.person_id, NULL, CASE WHEN h.is_active THEN 'in use' ELSE 'kept' END
FROM held AS h
INNER JOIN picked AS k ON k.recommended_licences IS NOT NULL
WHERE h.decision <> 'release'
UNION ALL
SELECT 'recommended_licences', '~buffer ' || CAST(s.place AS VARCHAR), NULL, NULL, 'buffer for ' || CAST(s.active AS VARCHAR) || CASE WHEN s.active = 1 THEN ' active person' ELSE ' active people' END || ', rounded up'
FROM spare AS s
