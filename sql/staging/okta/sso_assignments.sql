-- feed: sso_assignments
-- stream: app_users
-- leaves: not_assigned
-- description: Who is assigned to which Okta app, directly or by a group, and which of the app's groups the person is in.
--
-- An assignment's label, e-mail and groups come from snapshots of the same date: what was not
-- read that day is NULL rather than old.
WITH assigned AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, parent_id AS app_id,
        list_transform(
            json_extract_string(payload, ['$.id', '$.scope', '$.status', '$.profile.email', '$.credentials.userName']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.okta__app_users
),
app AS (
    SELECT connection, snapshot_date, record_id AS app_id,
        nullif(trim(json_extract_string(payload, '$.label')), '') AS label
    FROM raw.okta__apps
    QUALIFY row_number() OVER (PARTITION BY connection, snapshot_date, record_id ORDER BY read_at DESC, seq DESC) = 1
),
person AS (
    SELECT connection, snapshot_date, record_id AS user_id,
        nullif(trim(json_extract_string(payload, '$.profile.email')), '') AS email
    FROM raw.okta__users
    QUALIFY row_number() OVER (PARTITION BY connection, snapshot_date, record_id ORDER BY read_at DESC, seq DESC) = 1
),
app_group AS (
    SELECT connection, snapshot_date, parent_id AS app_id, json_extract_string(payload, '$.id') AS group_id
    FROM raw.okta__app_groups
    QUALIFY read_at = max(read_at) OVER (PARTITION BY connection, snapshot_date)
),
named_group AS (
    SELECT connection, snapshot_date, record_id AS group_id,
        replace(json_extract_string(payload, '$.profile.name'), ';', ',') AS name,
        json_extract_string(payload, '$.type') = 'BUILT_IN' AS has_everybody
    FROM raw.okta__groups
    QUALIFY read_at = max(read_at) OVER (PARTITION BY connection, snapshot_date)
),
member AS (
    SELECT connection, snapshot_date, parent_id AS group_id, json_extract_string(payload, '$.id') AS user_id
    FROM raw.okta__group_users
    QUALIFY read_at = max(read_at) OVER (PARTITION BY connection, snapshot_date)
),
granting AS (
    SELECT ag.connection, ag.snapshot_date, ag.app_id, ag.group_id, g.name, g.has_everybody
    FROM app_group AS ag
    JOIN named_group AS g USING (connection, snapshot_date, group_id)
    WHERE g.name IS NOT NULL
),
granted AS (
    SELECT g.connection, g.snapshot_date, g.app_id, m.user_id, g.name
    FROM granting AS g
    JOIN member AS m USING (connection, snapshot_date, group_id)
    UNION
    SELECT g.connection, g.snapshot_date, g.app_id, a.f[1], g.name
    FROM granting AS g
    JOIN assigned AS a USING (connection, snapshot_date, app_id)
    WHERE g.has_everybody
),
group_list AS (
    SELECT connection, snapshot_date, app_id, user_id, string_agg(name, ';' ORDER BY name) AS groups
    FROM granted
    GROUP BY connection, snapshot_date, app_id, user_id
)
SELECT
    a.connection, a.snapshot_id, a.snapshot_date, a.read_at,
    a.app_id AS source_app_id,
    coalesce(app.label, a.app_id) AS app,
    a.f[1] AS source_user_id,
    coalesce(
        CASE WHEN person.email LIKE '%_@_%' THEN person.email END,
        CASE WHEN a.f[4] LIKE '%_@_%' THEN a.f[4] END,
        CASE WHEN a.f[5] LIKE '%_@_%' THEN a.f[5] END) AS email,
    CASE a.f[2] WHEN 'GROUP' THEN 'group' WHEN 'USER' THEN 'direct' ELSE coalesce(a.f[2], 'direct') END AS assigned_via,
    gl.groups,
    a.f[3] AS status
FROM assigned AS a
LEFT JOIN app
    ON a.connection = app.connection AND a.snapshot_date = app.snapshot_date AND a.app_id = app.app_id
LEFT JOIN person
    ON a.connection = person.connection AND a.snapshot_date = person.snapshot_date AND a.f[1] = person.user_id
LEFT JOIN group_list AS gl
    ON a.connection = gl.connection AND a.snapshot_date = gl.snapshot_date
    AND a.app_id = gl.app_id AND a.f[1] = gl.user_id
-- Imported but unmatched accounts are no assignments, nor are those that were taken back.
WHERE coalesce(a.f[3], '') NOT IN ('DEPROVISIONED', 'REVOKED', 'UNASSIGNED', 'IMPORTED', 'MATCHED')
