-- description: Whose identifier is whose. HR decides first, then the identity provider's own pairs of sign-in name and address and the former addresses of its users, by which HR may still know them, then the same name at another of the organisation's own domains, if HR knows just one person by it; an address with a +tag is that without it, where a source names that; otherwise an identifier stands for itself. Service accounts are no people: their id starts with service:.
-- grain: identifier
-- materialize: table
-- key: identifier
-- An address that an identity provider's user had before the one of now, and none of its users has now. An app may still have it: accounts
-- often keep the name they were opened with.
WITH renamed AS (
    SELECT a.address, min(l.email) AS email
    FROM metrics.id_addresses AS a
    INNER JOIN metrics.id_links AS l ON l.identifier = a.identifier
    LEFT JOIN (
        SELECT DISTINCT o.email
        FROM metrics.id_links AS o
        INNER JOIN metrics.id_addresses AS i ON i.identifier = o.identifier
    ) AS n ON n.email = a.address
    LEFT JOIN metrics.login_links AS g ON g.login = a.address
    WHERE l.email <> a.address AND n.email IS NULL AND g.login IS NULL
    GROUP BY a.address
    HAVING count(DISTINCT l.email) = 1
),
-- Where HR knows it, HR says whose it is.
former AS (
    SELECT r.address, r.email
    FROM renamed AS r
    LEFT JOIN metrics.hr_identity AS h ON h.identifier = r.address
    WHERE h.identifier IS NULL
),
-- Mail for ann+zoom@ comes to ann@: somebody who is known by the one has opened an account with the other, unless HR knows both.
tagged AS (
    SELECT t.identifier, t.address
    FROM (
        SELECT identifier, regexp_replace(identifier, '[+][^@]*@', '@') AS address
        FROM metrics.identifiers_seen
        WHERE identifier LIKE '_%+%@%'
    ) AS t
    INNER JOIN metrics.identifiers_seen AS s ON s.identifier = t.address
    LEFT JOIN metrics.hr_identity AS h ON h.identifier = t.identifier
    WHERE h.identifier IS NULL
),
known AS (
    SELECT
        s.identifier,
        s.first_seen,
        coalesce(t.address, f.email, l.email, s.identifier) AS address
    FROM metrics.identifiers_seen AS s
    LEFT JOIN metrics.id_links AS l ON l.identifier = s.identifier
    LEFT JOIN former AS f ON f.address = s.identifier
    LEFT JOIN tagged AS t ON t.identifier = coalesce(l.email, f.email, s.identifier)
),
paired AS (
    SELECT login AS address, email AS partner FROM metrics.login_links
    UNION
    SELECT email, login FROM metrics.login_links
    UNION
    -- HR may learn of a new name later than the identity provider.
    SELECT email, address FROM renamed
),
partners AS (
    SELECT p.address, min(h.person_id) AS person_id, min(p.partner) AS partner
    FROM paired AS p
    INNER JOIN metrics.hr_identity AS h ON h.identifier = p.partner
    GROUP BY p.address
    HAVING count(DISTINCT h.person_id) = 1
),
same_name AS (
    SELECT split_part(h.identifier, '@', 1) AS local_part, min(h.person_id) AS person_id, min(h.identifier) AS namesake
    FROM metrics.hr_identity AS h
    INNER JOIN params.domains AS d ON split_part(h.identifier, '@', 2) = d.domain
    GROUP BY split_part(h.identifier, '@', 1)
    HAVING count(DISTINCT h.person_id) = 1
),
resolved AS (
    SELECT
        k.identifier,
        k.first_seen,
        coalesce(h.person_id, p.person_id, n.person_id) AS hr_person_id,
        coalesce(h.person_id, p.person_id, n.person_id, l.email, k.address) AS person_id,
        CASE
            WHEN h.person_id IS NOT NULL AND k.address = k.identifier THEN 'hr'
            WHEN h.person_id IS NOT NULL THEN 'account'
            WHEN p.person_id IS NOT NULL THEN 'idp_login'
            WHEN n.person_id IS NOT NULL THEN 'domain'
            WHEN l.email IS NOT NULL THEN 'idp_login'
            WHEN k.address <> k.identifier THEN 'account'
            ELSE 'itself'
        END AS evidence,
        CASE
            WHEN h.person_id IS NOT NULL AND k.address = k.identifier THEN NULL
            WHEN h.person_id IS NOT NULL THEN k.address
            WHEN p.person_id IS NOT NULL THEN p.partner
            WHEN n.person_id IS NOT NULL THEN n.namesake
            WHEN l.email IS NOT NULL THEN l.email
            WHEN k.address <> k.identifier THEN k.address
        END AS linked_by
    FROM known AS k
    LEFT JOIN metrics.hr_identity AS h ON h.identifier = k.address
    LEFT JOIN partners AS p ON p.address = k.address
    LEFT JOIN metrics.login_links AS l ON l.login = k.address
    LEFT JOIN params.domains AS d ON d.domain = split_part(k.address, '@', 2)
    LEFT JOIN same_name AS n ON d.domain IS NOT NULL AND n.local_part = split_part(k.address, '@', 1)
),
service AS (
    SELECT DISTINCT r.identifier
    FROM resolved AS r
    INNER JOIN seeds.service_account_patterns AS s
        ON split_part(r.person_id, '@', 1) LIKE s.pattern
    WHERE r.hr_person_id IS NULL
)
SELECT
    r.identifier,
    CASE WHEN s.identifier IS NOT NULL THEN 'service:' || r.person_id ELSE r.person_id END AS person_id,
    r.hr_person_id IS NOT NULL AS is_in_hr,
    r.evidence,
    r.linked_by,
    r.first_seen
FROM resolved AS r
LEFT JOIN service AS s ON s.identifier = r.identifier
