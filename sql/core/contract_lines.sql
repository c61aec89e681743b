-- description: Licence and other lines of contracts, as last known.
-- grain: contract_id, line_id
-- materialize: table
-- key: contract_id, line_id
-- column connection: The connection that brought the contract.
-- column contract_id: The contract.
-- column line_id: The line; the app and tier where the source does not number its lines.
-- column app_id: The app; NULL when the line names none and its vendor has no single app.
-- column instance_id: The app's instance; NULL when the line is for the app as a whole.
-- column tier: The licence type; NULL when the line names none.
-- column licences: Licences bought; NULL for lines that are not licences.
-- column unit_price: DECIMAL per licence and billing period, in currency; NULL when unknown.
-- column billing_period: month, quarter, year or term.
-- column currency: ISO 4217 code.
-- column is_user_licence: Whether the line buys user licences; services and consumption are left out of licence counts.
-- column annual_amount: DECIMAL in currency: licences × unit price × billing periods a year. NULL when the price is unknown.
SELECT
    s.connection,
    s.contract_id,
    s.line_id,
    s.app_id,
    s.instance_id,
    s.tier,
    s.licences,
    s.unit_price,
    s.billing_period,
    s.currency,
    s.is_user_licence,
    CAST(
        coalesce(s.licences, 1) * s.unit_price * CASE s.billing_period
            WHEN 'month' THEN CAST(12 AS DECIMAL(9, 4))
            WHEN 'quarter' THEN 4
            WHEN 'year' THEN 1
            ELSE CAST(CAST(12 AS DECIMAL(9, 4)) / t.term_months AS DECIMAL(12, 8))
        END AS DECIMAL(18, 2)
    ) AS annual_amount
FROM metrics.contract_rows AS s
INNER JOIN core.contracts AS t ON t.contract_id = s.contract_id
