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
-- column start_date: DATE of the line's first day.
-- column end_date: DATE of the line's last day. A line that ends with its contract's term goes on with it, where that renews itself.
-- column licences: Licences bought; NULL for lines that are not licences, for credits (a price below 0 brings money, no licences) and where the source does not say.
-- column unit_price: DECIMAL per licence and billing period, in currency, with ten decimals; NULL when unknown.
-- column billing_period: month, quarter, year or term; unknown where no list knows the source's word: there are no amounts then.
-- column currency: ISO 4217 code.
-- column is_user_licence: Whether the line buys user licences; services and consumption are left out of licence counts.
-- column is_software: Whether it is for an app, or of a vendor in the catalogue; what else there is (an office lease) is no part of licences and contract spend.
-- column state: in_force, ended or never, as in core.contracts, by the line's own status.
-- column ended_on: DATE of the last day on which an ended line counts. NULL while it is in force, and when it never was.
-- column annual_amount: DECIMAL in currency: licences × unit price × 12 / months of the billing period, rounded half up to the cent. NULL when the price is unknown, of a price for the whole of a term without an end, or the product 1,000,000,000,000 or more.
-- column total_amount: DECIMAL in currency: the same for the months from the line's first day to its last. NULL likewise, and when the line has no end.
WITH priced AS (
    SELECT
        s.*,
        CASE s.billing_period
            WHEN 'month' THEN CAST(1 AS BIGINT)
            WHEN 'quarter' THEN 3
            WHEN 'year' THEN 12
            WHEN 'term' THEN s.term_months
        END AS period_months,
        CASE WHEN abs(coalesce(s.licences, 1) * CAST(s.unit_price AS DOUBLE)) < 1000000000000
            THEN TRY_CAST(coalesce(s.licences, 1) * s.unit_price AS DECIMAL(22, 10)) END AS price
    FROM (
        -- A line without an end (9999-12-31) has no term, and nothing is priced for the whole of it.
        SELECT r.*, CASE WHEN r.end_date < DATE '9999-01-01' THEN names.whole_months(r.start_date, r.end_date) END AS term_months
        FROM metrics.contract_rows AS r
    ) AS s
),
-- The tenth decimal of the currency, doubled, in whole numbers: what is left of a division is known, and no binary fraction comes near.
doubled AS (
    SELECT
        p.*,
        CAST(CAST(abs(p.price) AS DECIMAL(34, 10)) * 10000000000 AS DECIMAL(38, 0)) * 2 * 12 + 100000000 * p.period_months AS annual,
        CAST(CAST(abs(p.price) AS DECIMAL(34, 10)) * 10000000000 AS DECIMAL(38, 0)) * 2 * p.term_months + 100000000 * p.period_months AS total,
        CAST(200000000 * p.period_months AS DECIMAL(38, 0)) AS divisor,
        CASE WHEN p.price < 0 THEN CAST(-0.01 AS DECIMAL(3, 2)) ELSE CAST(0.01 AS DECIMAL(3, 2)) END AS cent
    FROM priced AS p
)
SELECT
    d.connection,
    d.contract_id,
    d.line_id,
    d.app_id,
    d.instance_id,
    d.tier,
    d.start_date,
    d.end_date,
    CASE WHEN d.unit_price < 0 THEN NULL ELSE d.licences END AS licences,
    d.unit_price,
    d.billing_period,
    d.currency,
    d.is_user_licence,
    d.is_software,
    d.state,
    d.ended_on,
    TRY_CAST(CAST((d.annual - mod(d.annual, d.divisor)) / d.divisor AS DECIMAL(28, 0)) * d.cent AS DECIMAL(18, 2)) AS annual_amount,
    TRY_CAST(CAST((d.total - mod(d.total, d.divisor)) / d.divisor AS DECIMAL(28, 0)) * d.cent AS DECIMAL(18, 2)) AS total_amount
FROM doubled AS d
