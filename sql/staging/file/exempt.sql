-- feed: exempt
-- description: Uploaded lists of people whose licences are never touched, for the connection's app or for all apps.
WITH record AS (
    SELECT
        connection,
        snapshot_id,
        snapshot_date,
        read_at,
        json_extract_string(payload, [
            '$.email'
        ]) AS v
    FROM raw.file__exempt
)
SELECT
    connection,
    snapshot_id,
    snapshot_date,
    read_at,
    v[1] AS email,
    CAST(NULL AS VARCHAR) AS app
FROM record
