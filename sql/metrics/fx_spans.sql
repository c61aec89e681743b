-- description: Exchange rates with the dates they apply to: each from its date until the next one.
-- grain: currency, valid_from
-- materialize: table
-- key: currency, valid_from
-- date: valid_from
SELECT
    r.currency,
    r.rate_date AS valid_from,
    lead(r.rate_date) OVER (PARTITION BY r.currency ORDER BY r.rate_date) AS valid_until,
    r.rate
FROM (
    SELECT
        upper(trim(currency)) AS currency, rate_date, rate,
        row_number() OVER (PARTITION BY upper(trim(currency)), rate_date ORDER BY read_at DESC, connection) AS choice
    FROM staging.fx_rates
    WHERE aside IS NULL
) AS r
WHERE r.choice = 1
