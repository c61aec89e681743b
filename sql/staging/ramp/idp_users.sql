-- feed: idp_users
-- description: Users of Ramp: whose address stands behind the card holder's id of a transaction.
WITH field AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, record_id,
        list_transform(json_extract_string(payload, ['$.email', '$.first_name', '$.last_name', '$.status']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.ramp__users
)
SELECT
    connection, snapshot_id, snapshot_date, read_at,
    record_id AS source_user_id,
    CASE WHEN f[1] LIKE '%_@_%' THEN f[1] END AS email,
    nullif(concat_ws(' ', f[2], f[3]), '') AS display_name,
    CASE
        WHEN f[4] LIKE 'INVITE%' THEN 'invited'
        WHEN f[4] LIKE '%SUSPENDED' THEN 'suspended'
        WHEN f[4] IN ('USER_INACTIVE', 'INACTIVE', 'DEACTIVATED') THEN 'deactivated'
        WHEN f[4] IN ('USER_ACTIVE', 'USER_ONBOARDING') THEN 'active'
        ELSE f[4]
    END AS status
FROM field
