-- description: HR's newest word on each person: the last snapshot of each HR connection that lists them.
-- grain: person_id
-- materialize: view
SELECT *
FROM (
    SELECT
        o.*,
        o.snapshot_date = max(o.snapshot_date) OVER (PARTITION BY o.connection) AS is_in_newest,
        row_number() OVER (PARTITION BY o.person_id ORDER BY o.snapshot_date DESC, o.is_employed DESC, o.connection) AS choice
    FROM core.org_chart AS o
) AS s
WHERE s.choice = 1
