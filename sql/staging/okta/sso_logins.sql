-- feed: sso_logins
-- leaves: no_launch
-- description: App launches of the Okta System Log; Okta writes one also for an attempt that then fails.
--
-- The log is the largest stream, so each entry is parsed once, by from_json, and only if it can be a launch.
WITH entry AS (
    SELECT connection, seq, record_id, event_at,
        from_json(payload, '{
            "eventType": "VARCHAR",
            "actor": {"id": "VARCHAR", "alternateId": "VARCHAR"},
            "outcome": {"result": "VARCHAR"},
            "target": [{"id": "VARCHAR", "type": "VARCHAR", "alternateId": "VARCHAR", "displayName": "VARCHAR"}]
        }') AS e
    FROM raw.okta__system_log
    WHERE contains(payload, 'user.authentication.sso')
),
launch AS (
    SELECT connection, seq, record_id, event_at, e,
        list_filter(e.target, lambda t: t.type = 'AppInstance')[1] AS app
    FROM entry
    WHERE e.eventType = 'user.authentication.sso'
)
SELECT
    connection, seq,
    record_id AS event_id,
    event_at AS occurred_at,
    nullif(trim(app.id), '') AS source_app_id,
    -- alternateId is the label that the organisation gave the app, displayName the app's type.
    coalesce(nullif(nullif(trim(app.alternateId), ''), 'null'), nullif(nullif(trim(app.displayName), ''), 'null')) AS app,
    nullif(nullif(trim(e.actor.id), ''), 'null') AS source_user_id,
    CASE WHEN e.actor.alternateId LIKE '%_@_%' THEN trim(e.actor.alternateId) END AS email,
    coalesce(nullif(trim(e.outcome.result), ''), 'no outcome') AS outcome,
    'managed' AS kind
FROM launch
