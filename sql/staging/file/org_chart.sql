-- feed: org_chart
-- description: People of uploaded org charts, one row per person and snapshot.
WITH record AS (
    SELECT
        connection,
        snapshot_id,
        snapshot_date,
        read_at,
        seq,
        json_extract_string(payload, [
            '$.email', '$.additional_emails', '$.first_name', '$.last_name', '$.title', '$.team', '$.department',
            '$.location', '$.cost_centre', '$.manager_email', '$.start_date', '$.termination_date'
        ]) AS v
    FROM raw.file__org_chart
)
SELECT
    connection,
    snapshot_id,
    snapshot_date,
    read_at,
    seq,
    v[1] AS email,
    v[2] AS additional_emails,
    v[3] AS first_name,
    v[4] AS last_name,
    nullif(concat_ws(' ', v[3], v[4]), '') AS display_name,
    v[5] AS title,
    v[6] AS team,
    v[7] AS department,
    v[8] AS location,
    v[9] AS cost_centre,
    v[10] AS manager_email,
    TRY_CAST(v[11] AS DATE) AS start_date,
    -- Who began again after a last day is back: the day is that of the time before.
    CASE WHEN TRY_CAST(v[11] AS DATE) > TRY_CAST(v[12] AS DATE) AND TRY_CAST(v[11] AS DATE) <= snapshot_date THEN NULL ELSE TRY_CAST(v[12] AS DATE) END AS termination_date
FROM record
