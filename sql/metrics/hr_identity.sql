-- description: HR's people with all their addresses. Records that share an address are one person, and so are records known by address alone whose domain was renamed from one of the organisation's own to another; the person's id is the address known first.
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
proofs AS (
    SELECT node, identifier AS proof FROM claims
    UNION
    SELECT c.connection || ' ' || c.person_key, c.connection || ' ' || split_part(c.identifier, '@', 1)
    FROM metrics.hr_claims AS c
    INNER JOIN params.domains AS d ON split_part(c.identifier, '@', 2) = d.domain
    LEFT JOIN metrics.hr_namesakes AS n ON n.local_part = split_part(c.identifier, '@', 1)
    WHERE c.is_primary AND c.person_key LIKE 'email %' AND n.local_part IS NULL
),
shared AS (
    SELECT proof FROM proofs GROUP BY proof HAVING count(*) > 1
),
links AS (
    SELECT DISTINCT a.node, b.node AS other
    FROM shared AS s
    INNER JOIN proofs AS a ON a.proof = s.proof
    INNER JOIN proofs AS b ON b.proof = s.proof
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
