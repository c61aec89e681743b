-- description: HR's people with all their addresses. Records that share an address are one person; the person's id is the address known first.
-- grain: identifier
-- materialize: table
-- key: identifier
WITH RECURSIVE claims AS (
    SELECT
        c.connection || ' ' || c.person_key AS node,
        c.identifier,
        min(c.first_seen) AS first_seen
    FROM metrics.hr_claims AS c
    LEFT JOIN metrics.hr_shared_addresses AS s ON s.identifier = c.identifier
    WHERE c.is_primary OR s.identifier IS NULL
    GROUP BY c.connection || ' ' || c.person_key, c.identifier
),
shared AS (
    SELECT identifier FROM claims GROUP BY identifier HAVING count(*) > 1
),
links AS (
    SELECT DISTINCT a.node, b.node AS other
    FROM shared AS s
    INNER JOIN claims AS a ON a.identifier = s.identifier
    INNER JOIN claims AS b ON b.identifier = s.identifier
),
reach (node, other) AS (
    SELECT node, other FROM links
    UNION
    SELECT r.node, l.other
    FROM reach AS r
    INNER JOIN links AS l ON l.node = r.other
),
roots AS (
    SELECT node, min(other) AS root FROM reach GROUP BY node
),
members AS (
    SELECT
        coalesce(r.root, c.node) AS root,
        c.identifier,
        min(c.first_seen) AS first_seen
    FROM claims AS c
    LEFT JOIN roots AS r ON r.node = c.node
    GROUP BY coalesce(r.root, c.node), c.identifier
)
SELECT
    identifier,
    first_value(identifier) OVER (PARTITION BY root ORDER BY first_seen, identifier) AS person_id,
    first_seen
FROM members
