-- description: What was wrong with the data of this run: rows set aside, values missing, rules broken.
-- grain: run_id, check_name
-- materialize: table
-- key: run_id, check_name
-- column run_id: The run.
-- column check_name: The check, with the connection and stream it is about where there is one.
-- column severity: info, warning or error. A check of severity fatal stops a run before anything is published.
-- column failing_rows: How many rows it is about.
-- column sample: One of them, with place and reason.
SELECT r.run_id, c.check_name, c.severity, c.failing_rows, c.sample
FROM params.checks AS c
CROSS JOIN params.run AS r
