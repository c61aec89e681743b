-- feed: sso_logins
-- description: App launches of the Okta System Log; Okta writes one also for an attempt that then fails.
WITH field AS (
    SELECT connection, seq, record_id, event_at,
        list_transform(
            json_extract_string(payload, ['$.eventType', '$.actor.id', '$.actor.alternateId', '$.outcome.result']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f,
        list_filter(
            from_json(json_extract(payload, '$.target'),
                '[{"id": "VARCHAR", "type": "VARCHAR", "alternateId": "VARCHAR", "displayName": "VARCHAR"}]'),
            lambda t: t.type = 'AppInstance')[1] AS target
    FROM raw.okta__system_log
    WHERE contains(payload, 'user.authentication.sso') -- spares parsing the other kinds of event
)
SELECT
    connection, seq,
    record_id AS event_id,
    event_at AS occurred_at,
    nullif(trim(target.id), '') AS source_app_id,
    -- alternateId is the label that the organisation gave the app, displayName the app's type.
    coalesce(nullif(nullif(trim(target.alternateId), ''), 'null'), nullif(nullif(trim(target.displayName), ''), 'null')) AS app,
    f[2] AS source_user_id,
    CASE WHEN f[3] LIKE '%_@_%' THEN f[3] END AS email,
    CASE f[4] WHEN 'SUCCESS' THEN 'SUCCESS' ELSE 'FAILURE' END AS outcome,
    'managed' AS kind
FROM field
WHERE f[1] = 'user.authentication.sso'
