-- feed: idp_apps
-- leaves: deleted
-- description: App integrations of the Okta organisation, under the label people see.
WITH field AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, record_id,
        list_transform(json_extract_string(payload, ['$.label', '$.name', '$.status']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.okta__apps
)
SELECT
    connection, snapshot_id, snapshot_date, read_at,
    record_id AS source_app_id,
    coalesce(f[1], f[2]) AS app,
    coalesce(lower(f[3]), 'active') AS status
FROM field
WHERE f[3] IS DISTINCT FROM 'DELETED'
