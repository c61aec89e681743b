-- description: The whole list of each connection that counts on the date asked for.
SELECT as_of, feed, connection, snapshot_date, count(*) OVER (PARTITION BY as_of, feed) AS lists
FROM lists_in_force
