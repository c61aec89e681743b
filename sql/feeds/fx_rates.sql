-- feed: fx_rates
-- shape: state
-- description: Exchange rates: units of the organisation's currency for one unit of the named one, from a date on.
-- columns: connection VARCHAR, read_at TIMESTAMP, rate_date DATE, currency VARCHAR, rate DECIMAL(24,14)
-- bounds: rate_date 1990-01-01..2199-12-31, rate 0..100000000
-- vital: rate_date, rate
SELECT r.* REPLACE (coalesce(w.meaning, names.currency_word(r.currency)) AS currency),
    CASE WHEN r.currency IS NULL OR r.rate_date IS NULL OR coalesce(r.rate, 0) <= 0 THEN 'no_rate' END AS aside,
    r.currency || coalesce(' of ' || CAST(r.rate_date AS VARCHAR), '') AS named
FROM staging.fx_rates__rows AS r
LEFT JOIN names.words AS w
    ON w.connection = r.connection AND w.vocabulary = 'currency' AND w.word_key = names.word_key(names.currency_word(r.currency))
