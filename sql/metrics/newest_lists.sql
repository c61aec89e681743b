-- description: The newest whole list of each connection and feed.
-- grain: connection, feed
-- materialize: view
SELECT connection, feed, max(snapshot_date) AS snapshot_date
FROM metrics.feed_snapshots
GROUP BY connection, feed
