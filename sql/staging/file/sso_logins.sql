-- feed: sso_logins
-- description: Uploaded sign-ins through an identity provider; successful and managed where the file does not say.
WITH record AS (
    SELECT
        connection,
        seq,
        record_id,
        event_at,
        json_extract_string(payload, [
            '$.app', '$.instance', '$.email', '$.outcome', '$.kind'
        ]) AS v
    FROM raw.file__sso_logins
)
SELECT
    connection,
    seq,
    record_id AS event_id,
    event_at AS occurred_at,
    v[1] AS app,
    v[2] AS instance,
    v[3] AS email,
    coalesce(v[4], 'SUCCESS') AS outcome,
    coalesce(v[5], 'managed') AS kind
FROM record
