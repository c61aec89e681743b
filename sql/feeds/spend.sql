-- feed: spend
-- shape: events
-- date: transaction_date
-- description: Card, expense and invoice lines, one row per line. Refunds are negative.
-- columns: connection VARCHAR, seq BIGINT, transaction_id VARCHAR, transaction_date DATE, amount DECIMAL(18,2),
--   currency VARCHAR, vendor_text VARCHAR, spend_type VARCHAR, payer_email VARCHAR, department VARCHAR,
--   category VARCHAR, memo VARCHAR
SELECT
    *,
    trim(regexp_replace(upper(vendor_text), '[^\p{L}\p{N}]+', ' ', 'g')) AS vendor_key,
    nullif(lower(trim(payer_email)), '') AS identifier
FROM staging.spend__rows
