-- feed: spend
-- shape: events
-- date: transaction_date
-- description: Card, expense and invoice lines, one row per line. Refunds are negative.
-- columns: connection VARCHAR, seq BIGINT, transaction_id VARCHAR, transaction_date DATE, amount DECIMAL(24,10),
--   currency VARCHAR, vendor_text VARCHAR, spend_type VARCHAR, payer_email VARCHAR, payer_source_id VARCHAR,
--   department VARCHAR, category VARCHAR, memo VARCHAR, is_pending BOOLEAN, occurred_at TIMESTAMP
-- bounds: transaction_date 2000-01-01..2199-12-31, amount -1000000000000..1000000000000, occurred_at 2000-01-01..2199-12-31
-- vital: transaction_date, occurred_at, amount
--
-- What a source's words say is looked up here. One that no list knows stays, and is asked for. A pending charge is one that has not settled so far.
-- Where a source knows the instant of a charge, its day is the organisation's.
SELECT
    r.* REPLACE (coalesce(r.transaction_date, CAST((r.occurred_at AT TIME ZONE 'UTC') AT TIME ZONE p.timezone AS DATE)) AS transaction_date, coalesce(m.meaning, names.currency_word(r.currency)) AS currency, coalesce(t.meaning, r.spend_type) AS spend_type, coalesce(r.vendor_text, '') AS vendor_text),
    names.spaced(coalesce(r.vendor_text, '')) AS vendor_key,
    coalesce(nullif(lower(trim(payer_email)), ''), r.connection || ':' || payer_source_id) AS identifier,
    CASE WHEN r.transaction_date IS NULL AND r.occurred_at IS NULL THEN 'no_date' WHEN r.transaction_id IS NULL THEN 'no_id' WHEN r.amount IS NOT NULL AND nullif(trim(r.currency), '') IS NULL THEN 'no_currency' END AS aside,
    r.transaction_id || coalesce(': ' || r.vendor_text, '') AS named
FROM staging.spend__rows AS r
CROSS JOIN params.run AS p
LEFT JOIN names.words AS m
    ON m.connection = r.connection AND m.vocabulary = 'currency' AND m.word_key = names.word_key(names.currency_word(r.currency))
LEFT JOIN names.words AS t
    ON t.connection = r.connection AND t.vocabulary = 'spend_type'
    AND t.word_key = CASE WHEN r.spend_type NOT IN ('expense', 'invoice') THEN names.word_key(r.spend_type) END
