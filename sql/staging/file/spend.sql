-- feed: spend
-- description: Uploaded card, expense and invoice lines.
WITH record AS (
    SELECT
        connection,
        seq,
        record_id,
        event_at,
        json_extract_string(payload, [
            '$.transaction_id', '$.date', '$.amount', '$.currency', '$.vendor', '$.type', '$.payer_email', '$.department',
            '$.category', '$.memo'
        ]) AS v
    FROM raw.file__spend
)
SELECT
    connection,
    seq,
    record_id AS transaction_id,
    TRY_CAST(v[2] AS DATE) AS transaction_date,
    v[3] AS amount,
    v[4] AS currency,
    v[5] AS vendor_text,
    v[6] AS spend_type,
    v[7] AS payer_email,
    v[8] AS department,
    v[9] AS category,
    v[10] AS memo
FROM record
