-- feed: idp_apps
-- leaves: of_microsoft
-- description: Enterprise applications of the tenant. Microsoft's own are left out.
--
-- The id is appId, which sign-ins name, not the service principal's object id.
WITH field AS (
    SELECT connection, snapshot_id, snapshot_date, read_at,
        list_transform(
            json_extract_string(payload, ['$.appId', '$.displayName', '$.appDisplayName', '$.accountEnabled', '$.appOwnerOrganizationId']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.entra_id__service_principals
)
SELECT
    connection, snapshot_id, snapshot_date, read_at,
    lower(f[1]) AS source_app_id,
    coalesce(f[2], f[3]) AS app,
    CASE coalesce(f[4], 'true') WHEN 'true' THEN 'active' WHEN 'false' THEN 'inactive' ELSE f[4] END AS status
FROM field
-- The tenant that publishes Microsoft's first-party applications.
WHERE lower(f[5]) IS DISTINCT FROM 'f8cdef31-a31e-4b4a-93e4-5f571e91255a'
