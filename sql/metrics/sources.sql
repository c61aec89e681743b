-- description: From which day on each source has data of an instance, and until when it was connected.
-- grain: kind, connection, app_id, instance_id
-- materialize: view
SELECT
    s.kind,
    s.connection,
    c.connector,
    c.idp,
    c.disconnected_on,
    s.app_id,
    s.instance_id,
    min(s.day) AS first_date
FROM metrics.source_days AS s
INNER JOIN params.connections AS c ON c.connection = s.connection
-- No source is older than software as a service: a clock that stood at 1970 begins no series.
WHERE s.day >= DATE '2000-01-01'
GROUP BY s.kind, s.connection, c.connector, c.idp, c.disconnected_on, s.app_id, s.instance_id
