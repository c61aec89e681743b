-- description: People who are gone from HR's list where others of the same name, or with the same mailbox at another domain, came with the next one: an address that changed is one leaver and one newcomer, and the seats under the former address look like a leaver's.
WITH lists AS (
    SELECT connection, snapshot_date, row_number() OVER (PARTITION BY connection ORDER BY snapshot_date) AS place
    FROM (SELECT DISTINCT connection, snapshot_date FROM core.org_chart) AS d
),
stays AS (
    SELECT o.connection, o.person_id, min(l.place) AS first_place, max(l.place) AS last_place
    FROM core.org_chart AS o
    INNER JOIN lists AS l ON l.connection = o.connection AND l.snapshot_date = o.snapshot_date
    WHERE o.is_employed
    GROUP BY o.connection, o.person_id
),
known AS (
    SELECT s.connection, s.person_id, s.first_place, s.last_place, lower(p.display_name) AS name,
        split_part(lower(s.person_id), '@', 1) AS mailbox
    FROM stays AS s
    INNER JOIN core.people AS p ON p.person_id = s.person_id
)
SELECT
    g.connection || '.renamed_people' AS check_name,
    'warning' AS severity,
    count(DISTINCT g.person_id) AS failing_rows,
    min(g.person_id || ' left with the list in which ' || n.person_id
        || ' came, under the same name or mailbox: if they are one, give the former address in a column additional_emails, or name the domain in organisation.domains; until then the seats of the former address are a leaver''s') AS sample
FROM known AS g
INNER JOIN known AS n
    ON n.connection = g.connection AND n.first_place = g.last_place + 1 AND n.person_id <> g.person_id
    AND (n.name = g.name OR n.mailbox = g.mailbox)
GROUP BY g.connection
