-- feed: spend
-- shape: events
-- date: transaction_date
-- description: Card, expense and invoice lines, one row per line. Refunds are negative.
-- columns: connection VARCHAR, seq BIGINT, transaction_id VARCHAR, transaction_date DATE, amount DECIMAL(18,2),
--   currency VARCHAR, vendor_text VARCHAR, spend_type VARCHAR, payer_email VARCHAR, payer_source_id VARCHAR,
--   department VARCHAR, category VARCHAR, memo VARCHAR
SELECT
    *,
    trim(regexp_replace(upper(vendor_text), '[^\p{L}\p{N}]+', ' ', 'g')) AS vendor_key,
    coalesce(nullif(lower(trim(payer_email)), ''), connection || ':' || payer_source_id) AS identifier
FROM staging.spend__rows
