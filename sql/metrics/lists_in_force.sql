-- description: Which whole list of each connection counts on each report date: the newest one that is not later, while the connection is connected.
-- grain: as_of, feed, connection
-- materialize: as_of
-- key: as_of, feed, connection
SELECT
    q.as_of,
    s.feed,
    s.connection,
    max(s.snapshot_date) AS snapshot_date
FROM params.as_of_dates AS q
INNER JOIN core.snapshots AS s
    ON s.snapshot_date <= q.as_of AND (s.disconnected_on IS NULL OR q.as_of <= s.disconnected_on)
GROUP BY q.as_of, s.feed, s.connection
