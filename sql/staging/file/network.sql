-- feed: network
-- description: Uploaded network traffic to domains or apps, by day. occurred_at is the beginning of the day in the organisation's time zone, in UTC.
WITH record AS (
    SELECT
        connection,
        seq,
        record_id,
        event_at,
        json_extract_string(payload, [
            '$.app', '$.domain', '$.email', '$.device', '$.bytes', '$.requests'
        ]) AS v
    FROM raw.file__network
)
SELECT
    connection,
    seq,
    record_id AS event_id,
    event_at AS occurred_at,
    v[1] AS app,
    v[2] AS domain,
    v[3] AS email,
    v[4] AS device,
    TRY_CAST(v[5] AS BIGINT) AS bytes,
    TRY_CAST(v[6] AS BIGINT) AS requests
FROM record
