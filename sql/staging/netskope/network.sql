-- feed: network
-- leaves: no_app
-- description: Application events of Netskope. The user is an address only where Netskope knows one; else an IP or "unknown".
WITH field AS (
    SELECT connection, seq, record_id, event_at,
        list_transform(
            json_extract_string(payload, ['$.app', '$.domain', '$.user', '$.ur_normalized', '$.hostname', '$.device',
                '$.numbytes', '$.client_bytes', '$.server_bytes', '$.count']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.netskope__application_events
)
SELECT
    connection, seq,
    record_id AS event_id,
    event_at AS occurred_at,
    f[1] AS app,
    f[2] AS domain,
    CASE
        WHEN regexp_full_match(f[3], '[^@\s]+@[^@\s]+\.[^@\s]+') THEN f[3]
        WHEN regexp_full_match(f[4], '[^@\s]+@[^@\s]+\.[^@\s]+') THEN f[4]
    END AS email,
    coalesce(f[5], f[6]) AS device,
    coalesce(
        TRY_CAST(f[7] AS BIGINT),
        CASE
            WHEN TRY_CAST(f[8] AS BIGINT) IS NOT NULL OR TRY_CAST(f[9] AS BIGINT) IS NOT NULL
                THEN TRY_CAST(CAST(coalesce(TRY_CAST(f[8] AS BIGINT), 0) AS HUGEINT) + coalesce(TRY_CAST(f[9] AS BIGINT), 0) AS BIGINT)
        END) AS bytes,
    coalesce(TRY_CAST(f[10] AS BIGINT), 1) AS requests
FROM field
WHERE f[1] IS NOT NULL OR f[2] IS NOT NULL
