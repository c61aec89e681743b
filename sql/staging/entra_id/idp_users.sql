-- feed: idp_users
-- description: People in Entra ID, guests and disabled accounts included.
--
-- A guest's sign-in name (ann_partner.example#EXT#@acme.onmicrosoft.com) says the address, see names.guest_address. Ids are
-- compared without regard to case: they are GUIDs, which sign-ins may spell otherwise.
WITH field AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, record_id,
        list_transform(
            json_extract_string(payload, ['$.mail', '$.userPrincipalName', '$.displayName', '$.accountEnabled']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.entra_id__users
)
SELECT
    connection, snapshot_id, snapshot_date, read_at,
    lower(record_id) AS source_user_id,
    CASE
        WHEN f[1] LIKE '%_@_%' THEN f[1]
        WHEN f[2] LIKE '%_@_%' THEN f[2]
    END AS email,
    f[2] AS login,
    f[3] AS display_name,
    coalesce(f[4], 'true') AS status
FROM field
