-- description: Between which dates the HR snapshots list an address: the first and the last that did. A snapshot read again without it may leave either too far out.
-- grain: connection, identifier
-- materialize: accumulate
-- key: connection, identifier
-- latest: last_listed
-- least: first_listed
-- date: last_listed
-- person: identifier, person_id
SELECT
    o.connection,
    o.identifier,
    i.person_id,
    min(o.snapshot_date) AS first_listed,
    max(o.snapshot_date) AS last_listed
FROM staging.org_chart AS o
INNER JOIN params.connections AS c ON c.connection = o.connection
INNER JOIN metrics.identity AS i ON i.identifier = o.identifier
WHERE o.is_current AND (c.disconnected_on IS NULL OR o.snapshot_date <= c.disconnected_on)
GROUP BY o.connection, o.identifier, i.person_id
