-- feed: sso_logins
-- description: Interactive sign-ins of Entra ID. Error code 0 is a success; prompts and interruptions are not.
WITH field AS (
    SELECT connection, seq, record_id, event_at,
        list_transform(
            json_extract_string(payload, ['$.appId', '$.appDisplayName', '$.userId', '$.userPrincipalName', '$.status.errorCode']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.entra_id__sign_ins
)
SELECT
    connection, seq,
    record_id AS event_id,
    event_at AS occurred_at,
    lower(f[1]) AS source_app_id,
    coalesce(f[2], f[1]) AS app,
    lower(f[3]) AS source_user_id,
    CASE WHEN f[4] LIKE '%_@_%' THEN f[4] END AS email,
    -- No number is no answer: it is asked for, as a word that no list knows.
    CASE WHEN TRY_CAST(f[5] AS BIGINT) = 0 THEN 'SUCCESS' WHEN TRY_CAST(f[5] AS BIGINT) <> 0 THEN 'FAILURE' ELSE coalesce(f[5], 'no error code') END AS outcome,
    'managed' AS kind
FROM field
