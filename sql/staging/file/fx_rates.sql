-- feed: fx_rates
-- description: Uploaded exchange rates: units of the organisation's currency for one unit.
WITH record AS (
    SELECT
        connection,
        snapshot_id,
        snapshot_date,
        read_at,
        json_extract_string(payload, [
            '$.date', '$.currency', '$.rate'
        ]) AS v
    FROM raw.file__fx_rates
)
SELECT
    connection,
    snapshot_id,
    snapshot_date,
    read_at,
    v[1] AS rate_date,
    v[2] AS currency,
    v[3] AS rate
FROM record
