-- description: Rows that could not be read, per connection, stream and reason, rows that could be once they were mended, and rows that are not meant (left_out_…: a bank's transfers, totals). They are kept in the raw lake.
SELECT
    i.connection || '.' || i.stream || '.' || i.check_name AS check_name,
    CASE
        WHEN min(CASE WHEN i.is_kept THEN 1 ELSE 0 END) = 1 OR i.check_name LIKE 'left\_out\_%' ESCAPE '\' THEN 'info'
        ELSE 'warning'
    END AS severity,
    CAST(sum(i.failing_rows) AS BIGINT) AS failing_rows,
    min(i.sample) AS sample
FROM _state.issues AS i
INNER JOIN params.connections AS c ON c.connection = i.connection
LEFT JOIN _state.newest_seq AS n ON n.connection = i.connection AND n.stream = i.stream
WHERE n.first_seq IS NULL OR i.seq >= n.first_seq
GROUP BY i.connection, i.stream, i.check_name
