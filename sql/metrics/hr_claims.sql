-- description: Which addresses HR ever gave to which of its people.
-- grain: connection, person_key, identifier, is_primary
-- materialize: accumulate
-- key: connection, person_key, identifier, is_primary
-- least: first_seen
SELECT
    c.connection,
    coalesce('id ' || c.source_person_id, 'email ' || c.owner) AS person_key,
    c.identifier,
    c.is_primary,
    min(c.snapshot_date) AS first_seen
FROM (
    SELECT connection, source_person_id, identifier AS owner, identifier, true AS is_primary, snapshot_date
    FROM staging.org_chart
    UNION ALL
    SELECT o.connection, o.source_person_id, o.identifier, lower(trim(t.address)), false, o.snapshot_date
    FROM staging.org_chart AS o
    CROSS JOIN UNNEST(split(o.additional_emails, ';')) AS t (address)
) AS c
WHERE c.identifier IS NOT NULL AND c.identifier <> '' AND coalesce(c.source_person_id, c.owner) IS NOT NULL
GROUP BY c.connection, coalesce('id ' || c.source_person_id, 'email ' || c.owner), c.identifier, c.is_primary
