-- feed: roster
-- description: Uploaded lists of an app's accounts. An account without an id is known by its e-mail address.
WITH record AS (
    SELECT
        connection,
        snapshot_id,
        snapshot_date,
        read_at,
        seq,
        json_extract_string(payload, [
            '$.app', '$.instance', '$.account_id', '$.email', '$.username', '$.tier', '$.status', '$.created_at'
        ]) AS v
    FROM raw.file__roster
)
SELECT
    connection,
    snapshot_id,
    snapshot_date,
    read_at,
    seq,
    v[1] AS app,
    v[2] AS instance,
    v[3] AS account_id,
    v[4] AS email,
    v[5] AS username,
    v[6] AS tier,
    v[7] AS status,
    TRY_CAST(v[8] AS TIMESTAMP) AS created_at
FROM record
