-- description: Names before the @ that one HR snapshot gives to several people at the organisation's own domains. For them a domain that was renamed proves nothing.
-- grain: local_part
-- materialize: accumulate
-- key: local_part
SELECT split_part(o.identifier, '@', 1) AS local_part
FROM staging.org_chart AS o
INNER JOIN params.domains AS d ON split_part(o.identifier, '@', 2) = d.domain
GROUP BY o.connection, o.snapshot_id, o.snapshot_date, split_part(o.identifier, '@', 1)
HAVING count(DISTINCT coalesce(o.source_person_id, o.identifier)) > 1
