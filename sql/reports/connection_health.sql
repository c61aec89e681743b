-- description: The state of every stream of every connection.
-- grain: connection, stream
-- materialize: table
-- key: connection, stream
-- column connection: The connection.
-- column stream: The stream.
-- column state: connected, error (the newest attempt failed or stopped on the way) or not_connected (never read, disconnected, or not permitted).
-- column last_success_at: TIMESTAMP, UTC, of the last complete reading; NULL when there was none.
-- column watermark: TIMESTAMP, UTC, up to which the data is complete; NULL when unknown.
-- column rows_total: Records in the lake.
-- column is_stale: Whether the watermark is more than 2 days behind the as-of date.
-- column error: Why, in the vendor's words, and what to do; NULL when all is well.
SELECT connection, stream, state, last_success_at, watermark, rows_total, is_stale, error
FROM params.health
