-- feed: contracts
-- shape: state
-- readings: all
-- description: Contract lines, one row per line; the contract's own fields stand on each of its lines.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
--   contract_id VARCHAR, line_id VARCHAR, vendor VARCHAR, app VARCHAR, instance VARCHAR, tier VARCHAR,
--   start_date DATE, end_date DATE, licences BIGINT, unit_price DECIMAL(24,10), billing_period VARCHAR,
--   currency VARCHAR, auto_renew VARCHAR, notice_days BIGINT, is_user_licence VARCHAR, owner_email VARCHAR, status VARCHAR, unread VARCHAR, amends VARCHAR
-- bounds: start_date 1990-01-01..2199-12-31, end_date 1990-01-01..9999-12-31, licences 0..1000000000, unit_price -1000000000000..1000000000000, notice_days 0..36500
-- vital: start_date, end_date, licences, unit_price
--
-- What words say is looked up here, for every connector. A word that no list knows has no meaning: a status or
-- billing period is then 'unknown', the others NULL, and unknown_words says which ones to ask for. unread names the values of a line of which
-- its source's staging could make nothing.
SELECT
    r.* REPLACE (
        CASE WHEN r.status IS NOT NULL THEN coalesce(s.meaning, 'unknown') END AS status,
        CASE WHEN r.billing_period IS NOT NULL THEN coalesce(b.meaning, 'unknown') END AS billing_period,
        coalesce(c.meaning, names.currency_word(r.currency)) AS currency,
        a.meaning = 'yes' AS auto_renew,
        u.meaning = 'yes' AS is_user_licence
    ),
    list_filter([
        CASE WHEN s.meaning IS NULL THEN 'status: ' || r.status END,
        CASE WHEN b.meaning IS NULL THEN 'billing_period: ' || r.billing_period END,
        CASE WHEN c.meaning IS NULL THEN 'currency: ' || r.currency END,
        CASE WHEN a.meaning IS NULL THEN 'auto_renew: ' || r.auto_renew END,
        CASE WHEN u.meaning IS NULL THEN 'is_user_licence: ' || r.is_user_licence END
    ], lambda w: w IS NOT NULL) AS unknown_words,
    names.slug(app) AS app_key,
    names.slug(vendor) AS vendor_key,
    nullif(trim(instance), '') AS instance_key,
    CASE WHEN r.contract_id IS NULL THEN 'no_id' WHEN r.start_date IS NULL OR r.end_date IS NULL THEN 'no_dates' END AS aside,
    coalesce(r.contract_id, r.vendor) AS named
FROM staging.contracts__rows AS r
LEFT JOIN names.words AS s
    ON s.connection = r.connection AND s.vocabulary = 'contract_status' AND s.word_key = names.word_key(r.status)
LEFT JOIN names.words AS b
    ON b.connection = r.connection AND b.vocabulary = 'billing_period' AND b.word_key = names.word_key(r.billing_period)
LEFT JOIN names.words AS c
    ON c.connection = r.connection AND c.vocabulary = 'currency' AND c.word_key = names.word_key(names.currency_word(r.currency))
LEFT JOIN names.words AS a
    ON a.connection = r.connection AND a.vocabulary = 'yes_no' AND a.word_key = names.word_key(r.auto_renew)
LEFT JOIN names.words AS u
    ON u.connection = r.connection AND u.vocabulary = 'yes_no' AND u.word_key = names.word_key(r.is_user_licence)
