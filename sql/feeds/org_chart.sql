-- feed: org_chart
-- shape: snapshot
-- description: People as HR knows them, one row per person and snapshot. has_left is of those who left on a day that the source does not say.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP, seq BIGINT,
--   source_person_id VARCHAR, email VARCHAR, additional_emails VARCHAR, first_name VARCHAR, last_name VARCHAR,
--   display_name VARCHAR, title VARCHAR, team VARCHAR, department VARCHAR, location VARCHAR, cost_centre VARCHAR,
--   manager_email VARCHAR, manager_source_id VARCHAR, start_date DATE, termination_date DATE, has_left BOOLEAN, status VARCHAR
-- bounds: start_date 1930-01-01..2199-12-31, termination_date 1930-01-01..2199-12-31 or never
--
-- What a source's word for how somebody stands says is looked up here. One that no list knows takes nobody's place away: unknown_status has it.
-- Who left on a day that can't be has left, on a day that is not known.
SELECT
    r.* REPLACE (
        coalesce(r.has_left, FALSE) OR (coalesce(w.meaning = 'left', FALSE) AND r.termination_date IS NULL)
            OR contains(coalesce(r.unreadable, ''), 'termination_date') AS has_left,
        w.meaning AS status
    ),
    CASE WHEN w.meaning IS NULL THEN r.status END AS unknown_status,
    CASE WHEN nullif(trim(email), '') IS NULL THEN 'no_address' END AS aside,
    coalesce(email, source_person_id, display_name) AS named,
    nullif(lower(trim(email)), '') AS identifier,
    nullif(lower(trim(manager_email)), '') AS manager_identifier
FROM staging.org_chart__rows AS r
LEFT JOIN names.words AS w
    ON w.connection = r.connection AND w.vocabulary = 'employment_status' AND w.word_key = names.word_key(r.status)
