-- feed: roster
-- description: Zoom accounts with their licence type. An invitation not yet accepted has no id; its e-mail stands in.
WITH field AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, seq,
        list_transform(
            json_extract_string(payload, ['$.id', '$.email', '$.display_name', '$.first_name', '$.last_name',
                '$.type', '$.status', '$.user_created_at', '$.created_at']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.zoom__users
)
SELECT
    connection, snapshot_id, snapshot_date, read_at, seq,
    coalesce(f[1], f[2]) AS account_id,
    CASE WHEN f[2] LIKE '%_@_%' THEN f[2] END AS email,
    coalesce(f[3], nullif(concat_ws(' ', f[4], f[5]), '')) AS username,
    CASE f[6]
        WHEN '1' THEN 'Basic'
        WHEN '2' THEN 'Licensed'
        WHEN '3' THEN 'On-prem'
        WHEN '4' THEN 'No Meetings licence'
        WHEN '99' THEN 'None'
        ELSE 'type ' || f[6]
    END AS tier,
    CASE f[7]
        WHEN 'inactive' THEN 'deactivated'
        WHEN 'pending' THEN 'invited'
        ELSE f[7]
    END AS status,
    CAST(coalesce(TRY_CAST(f[8] AS TIMESTAMPTZ), TRY_CAST(f[9] AS TIMESTAMPTZ)) AT TIME ZONE 'UTC' AS TIMESTAMP) AS created_at
FROM field
