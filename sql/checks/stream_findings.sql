-- description: What was noticed while a stream was read, such as a file that is gone, per connection, stream and reason.
SELECT
    f.connection || '.' || f.stream || '.' || f.check_name AS check_name,
    f.severity,
    f.failing_rows,
    f.sample
FROM params.findings AS f
