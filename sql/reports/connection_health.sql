-- description: The state of every stream of every connection.
-- grain: connection, stream
-- materialize: table
-- key: connection, stream
-- column connection: The connection.
-- column stream: The stream.
-- column state: connected, error (the newest attempt failed or stopped on the way, or its list lacks too many of its records) or not_connected (never read, disconnected, or not permitted).
-- column last_success_at: TIMESTAMP, UTC, of the last complete reading; NULL when there was none.
-- column watermark: TIMESTAMP, UTC, up to which the data is complete; NULL when unknown.
-- column rows_total: Records in the lake.
-- column is_stale: Whether the watermark is more than 2 days behind the as-of date, or the list lacks too many of its records.
-- column error: Why, in the vendor's words, and what to do; NULL when all is well.
SELECT
    h.connection, h.stream,
    CASE WHEN s.problem IS NULL THEN h.state ELSE 'error' END AS state,
    h.last_success_at, h.watermark, h.rows_total,
    h.is_stale OR s.problem IS NOT NULL AS is_stale,
    CASE WHEN h.error IS NULL THEN s.problem WHEN s.problem IS NULL THEN h.error ELSE h.error || '; ' || s.problem END AS error
FROM params.health AS h
LEFT JOIN (SELECT connection, stream, problem || '. ' || remedy AS problem FROM metrics.streams_short) AS s ON s.connection = h.connection AND s.stream = replace(h.stream, '-', '_')
