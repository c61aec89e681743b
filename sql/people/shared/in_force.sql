-- description: The whole list of each connection that counts on the date asked for.
SELECT q.as_of, s.feed, s.connection, max(s.snapshot_date) AS snapshot_date, count(*) OVER (PARTITION BY q.as_of, s.feed) AS lists
FROM (SELECT DISTINCT as_of FROM asked) AS q
INNER JOIN core.snapshots AS s ON s.snapshot_date <= q.as_of AND (s.disconnected_on IS NULL OR q.as_of <= s.disconnected_on)
GROUP BY q.as_of, s.feed, s.connection
