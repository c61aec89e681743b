-- description: The whole snapshots that count, one per feed, connection and date.
-- grain: feed, connection, snapshot_date
-- materialize: accumulate
-- key: feed, connection, snapshot_date
-- latest: read_at
-- date: snapshot_date
SELECT
    feed,
    connection,
    snapshot_date,
    max(read_at) AS read_at
FROM raw.new_snapshots
GROUP BY feed, connection, snapshot_date
