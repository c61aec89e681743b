-- feed: sso_assignments
-- description: Uploaded lists of who is assigned to which app in an identity provider.
WITH record AS (
    SELECT
        connection,
        snapshot_id,
        snapshot_date,
        read_at,
        json_extract_string(payload, [
            '$.app', '$.instance', '$.email', '$.assigned_via', '$.groups'
        ]) AS v
    FROM raw.file__sso_assignments
)
SELECT
    connection,
    snapshot_id,
    snapshot_date,
    read_at,
    v[1] AS app,
    v[2] AS instance,
    v[3] AS email,
    v[4] AS assigned_via,
    v[5] AS groups
FROM record
