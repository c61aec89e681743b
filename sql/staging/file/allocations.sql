-- feed: allocations
-- description: Uploaded shares of teams in an app's contract value.
WITH record AS (
    SELECT
        connection,
        snapshot_id,
        snapshot_date,
        read_at,
        json_extract_string(payload, [
            '$.app', '$.team', '$.percent'
        ]) AS v
    FROM raw.file__allocations
)
SELECT
    connection,
    snapshot_id,
    snapshot_date,
    read_at,
    v[1] AS app,
    v[2] AS team,
    TRY_CAST(v[3] AS DECIMAL(9, 4)) AS percent
FROM record
