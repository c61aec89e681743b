-- feed: roster
-- description: Uploaded lists of an app's accounts. A blank or unknown status reads as active. An account without an id is known by its e-mail address.
WITH record AS (
    SELECT
        connection,
        snapshot_id,
        snapshot_date,
        read_at,
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
    v[1] AS app,
    v[2] AS instance,
    coalesce(v[3], lower(v[4])) AS account_id,
    v[4] AS email,
    v[5] AS username,
    v[6] AS tier,
    CASE
        WHEN lower(v[7]) IN ('invited', 'pending', 'staged') THEN 'invited'
        WHEN lower(v[7]) IN ('suspended', 'locked', 'paused') THEN 'suspended'
        WHEN lower(v[7]) IN ('deactivated', 'inactive', 'disabled', 'deprovisioned', 'deleted', 'removed', 'terminated')
            THEN 'deactivated'
        ELSE 'active'
    END AS status,
    TRY_CAST(v[8] AS TIMESTAMP) AS created_at
FROM record
