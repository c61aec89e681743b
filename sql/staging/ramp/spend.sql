-- feed: spend
-- description: Card transactions of Ramp. Amounts are in the currency's main unit.
--
-- Only what is cleared or pending is spend. Another state gives a row without an amount, which takes
-- the place of the same charge while it was pending. Transactions name their card holder by id
-- only; Ramp's users (idp_users) say whose address that is.
WITH field AS (
    SELECT connection, seq, record_id, event_at,
        list_transform(
            json_extract_string(payload, ['$.amount', '$.currency_code', '$.merchant_name', '$.merchant_descriptor',
                '$.card_holder.user_id', '$.card_holder.department_name', '$.sk_category_name', '$.memo', '$.state']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.ramp__transactions
)
SELECT
    connection, seq,
    record_id AS transaction_id,
    event_at AS occurred_at,
    CASE WHEN upper(f[9]) IN ('CLEARED', 'PENDING') THEN f[1] END AS amount,
    upper(f[2]) AS currency,
    coalesce(f[3], f[4]) AS vendor_text,
    -- A state that is none of these is asked for, as a word that no list knows.
    CASE WHEN upper(f[9]) IN ('CLEARED', 'PENDING', 'COMPLETION', 'DECLINED', 'ERROR', 'PENDING_INITIATION') THEN 'expense' ELSE coalesce(f[9], 'no state') END AS spend_type,
    f[5] AS payer_source_id,
    f[6] AS department,
    f[7] AS category,
    f[8] AS memo,
    upper(f[9]) = 'PENDING' AS is_pending
FROM field
