-- description: Additional addresses that one HR snapshot gives to several people. They prove nothing about who is who.
-- grain: identifier
-- materialize: accumulate
-- key: identifier
SELECT c.identifier
FROM (
    SELECT
        o.connection, o.snapshot_id, o.snapshot_date, o.identifier AS owner, o.source_person_id,
        lower(trim(t.address)) AS identifier, 1 AS is_additional
    FROM staging.org_chart AS o
    CROSS JOIN UNNEST(split(o.additional_emails, ';')) AS t (address)
    UNION ALL
    SELECT connection, snapshot_id, snapshot_date, identifier, source_person_id, identifier, 0
    FROM staging.org_chart
) AS c
WHERE c.identifier IS NOT NULL AND c.identifier <> ''
GROUP BY c.connection, c.snapshot_id, c.snapshot_date, c.identifier
HAVING count(DISTINCT coalesce(c.source_person_id, c.owner)) > 1 AND max(c.is_additional) = 1
