-- feed: engagement
-- description: Uploaded events of what people did in an app; one action each where the file does not say.
WITH record AS (
    SELECT
        connection,
        seq,
        record_id,
        event_at,
        json_extract_string(payload, [
            '$.app', '$.instance', '$.email', '$.event', '$.count'
        ]) AS v
    FROM raw.file__engagement
)
SELECT
    connection,
    seq,
    record_id AS event_id,
    event_at AS occurred_at,
    v[1] AS app,
    v[2] AS instance,
    v[3] AS email,
    v[4] AS event,
    coalesce(TRY_CAST(v[5] AS BIGINT), 1) AS event_count
FROM record
