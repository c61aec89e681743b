-- feed: spend
-- description: Card transactions of Ramp that were or will be paid. Amounts are in the currency's main unit.
--
-- The newest version of a transaction decides: a pending charge that is declined later is no
-- spend. Transactions name their cardholder by id only, so the payer's address comes from
-- the users; the first one known, so that history does not change when a person is renamed.
WITH latest AS (
    SELECT connection, seq, record_id, event_at, payload
    FROM raw.ramp__transactions
    QUALIFY row_number() OVER (PARTITION BY connection, record_id ORDER BY seq DESC) = 1
),
field AS (
    SELECT connection, seq, record_id, event_at,
        list_transform(
            json_extract_string(payload, ['$.amount', '$.currency_code', '$.merchant_name', '$.merchant_descriptor',
                '$.card_holder.user_id', '$.card_holder.department_name', '$.sk_category_name', '$.memo', '$.state']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM latest
),
holder AS (
    SELECT connection, record_id AS user_id,
        arg_min(nullif(trim(json_extract_string(payload, '$.email')), ''), read_at) AS email
    FROM raw.ramp__users
    GROUP BY connection, record_id
)
SELECT
    t.connection, t.seq,
    t.record_id AS transaction_id,
    CAST(t.event_at AS DATE) AS transaction_date,
    TRY_CAST(t.f[1] AS DECIMAL(18, 2)) AS amount,
    upper(t.f[2]) AS currency,
    coalesce(t.f[3], t.f[4]) AS vendor_text,
    'expense' AS spend_type,
    CASE WHEN h.email LIKE '%_@_%' THEN h.email END AS payer_email,
    t.f[6] AS department,
    t.f[7] AS category,
    t.f[8] AS memo
FROM field AS t
LEFT JOIN holder AS h ON t.connection = h.connection AND t.f[5] = h.user_id
WHERE upper(t.f[9]) IN ('CLEARED', 'PENDING')
    AND TRY_CAST(t.f[1] AS DECIMAL(18, 2)) IS NOT NULL
