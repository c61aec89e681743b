-- feed: contracts
-- description: Uploaded contracts, one row per licence line. A line without an id is known by its place in the contract. Where the file does not say, a line is of user licences and its contract does not renew itself.
WITH record AS (
    SELECT
        connection,
        snapshot_id,
        snapshot_date,
        read_at,
        seq,
        json_extract_string(payload, [
            '$.contract_id', '$.line_id', '$.vendor', '$.app', '$.instance', '$.tier', '$.start_date', '$.end_date',
            '$.licences', '$.unit_price', '$.billing_period', '$.currency', '$.auto_renew', '$.notice_days',
            '$.is_user_licence', '$.owner_email', '$.status'
        ]) AS v
    FROM raw.file__contracts
)
SELECT
    connection,
    snapshot_id,
    snapshot_date,
    read_at,
    v[1] AS contract_id,
    coalesce(v[2], CAST(row_number() OVER (
        PARTITION BY connection, snapshot_id, v[1] ORDER BY seq
    ) AS VARCHAR)) AS line_id,
    v[3] AS vendor,
    v[4] AS app,
    v[5] AS instance,
    v[6] AS tier,
    v[7] AS start_date,
    v[8] AS end_date,
    v[9] AS licences,
    v[10] AS unit_price,
    v[11] AS billing_period,
    v[12] AS currency,
    coalesce(v[13], 'no') AS auto_renew,
    v[14] AS notice_days,
    coalesce(v[15], 'yes') AS is_user_licence,
    v[16] AS owner_email,
    v[17] AS status
FROM record
