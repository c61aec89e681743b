-- feed: fx_rates
-- shape: state
-- description: Exchange rates: units of the organisation's currency for one unit of the named one, from a date on.
-- columns: connection VARCHAR, read_at TIMESTAMP, rate_date DATE, currency VARCHAR, rate DECIMAL(18,8)
SELECT *
FROM staging.fx_rates__rows
