-- feed: idp_users
-- description: People in Okta, deprovisioned ones included.
WITH field AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, record_id,
        list_transform(
            json_extract_string(payload, ['$.profile.email', '$.profile.login', '$.profile.displayName',
                '$.profile.firstName', '$.profile.lastName', '$.status']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.okta__users
)
SELECT
    connection, snapshot_id, snapshot_date, read_at,
    record_id AS source_user_id,
    CASE WHEN f[1] LIKE '%_@_%' THEN f[1] WHEN f[2] LIKE '%_@_%' THEN f[2] END AS email,
    f[2] AS login,
    coalesce(f[3], nullif(concat_ws(' ', f[4], f[5]), '')) AS display_name,
    CASE f[6]
        WHEN 'STAGED' THEN 'invited'
        WHEN 'PROVISIONED' THEN 'invited'
        WHEN 'SUSPENDED' THEN 'suspended'
        WHEN 'DEPROVISIONED' THEN 'deactivated'
        WHEN 'RECOVERY' THEN 'active'
        WHEN 'PASSWORD_EXPIRED' THEN 'active'
        WHEN 'LOCKED_OUT' THEN 'active'
        ELSE f[6]
    END AS status
FROM field
