-- description: Connections whose data lies in the lake but which the configuration no longer names. Their data does not count.
SELECT
    'connections.not_configured' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(s.connection || ': add it to the configuration, or run: rightseat forget ' || s.connection) AS sample
FROM (SELECT DISTINCT connection FROM _state.streams) AS s
LEFT JOIN params.connections AS c ON c.connection = s.connection
WHERE c.connection IS NULL
