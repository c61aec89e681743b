-- description: Contracts, as last known.
-- grain: contract_id
-- materialize: table
-- key: contract_id
-- column connection: The connection that brought the contract.
-- column contract_id: The contract's id or purchase order number.
-- column vendor: The vendor, as sent.
-- column start_date: DATE of the first day.
-- column end_date: DATE of the last day of the term as signed; auto-renewal moves it in the reports, not here.
-- column term_months: Whole months from start to the day after the end, at least 1. A month that begins on a day the next month lacks ends with that month: 31 January to 27 February (of 28) is one month, as 31 January to 30 March is two.
-- column auto_renew: Whether it goes on after its end unless cancelled.
-- column notice_days: Days before the end by which notice is due; NULL when unknown.
-- column currency: ISO 4217 code.
-- column owner_email: Who owns it; NULL when unknown.
-- column status: active; draft, in_review, pending_signature, declined or void, which never came into force; cancelled, terminated, expired, closed, superseded or not_renewed, which ended; unknown where no list knows the source's word: such a contract does not count until it is said what the word means. NULL when the source says nothing, as for active.
-- column state: in_force, ended (cancelled, terminated, expired, closed, superseded) or never (a draft, in review, waiting for a signature, void, declined, rejected: no report counts it; so with a word that no list knows). Of lines that differ the first of these.
-- column ended_on: DATE of the last day on which an ended contract counts: its end, or the day before it was first read as ended if that is earlier. NULL while it is in force, and when it never was.
SELECT
    r.connection,
    r.contract_id,
    r.vendor,
    r.start_date,
    r.end_date,
    greatest(
        CAST(1 AS BIGINT),
        CAST(
            (year(r.day_after) - year(r.start_date)) * 12 + month(r.day_after) - month(r.start_date)
            - CASE
                WHEN day(r.day_after) < day(r.start_date) AND day(CAST(r.day_after + INTERVAL '1' DAY AS DATE)) <> 1 THEN 1
                ELSE 0
            END AS BIGINT
        )
    ) AS term_months,
    r.auto_renew,
    r.notice_days,
    r.currency,
    r.owner_email,
    r.status,
    r.state,
    CASE WHEN r.state = 'ended' THEN r.ended_on END AS ended_on
FROM (
    SELECT
        contract_id,
        min(connection) AS connection,
        min(vendor) AS vendor,
        min(start_date) AS start_date,
        max(end_date) AS end_date,
        CAST(max(end_date) + INTERVAL '1' DAY AS DATE) AS day_after,
        max(CASE WHEN auto_renew THEN 1 ELSE 0 END) = 1 AS auto_renew,
        max(notice_days) AS notice_days,
        min(currency) AS currency,
        min(owner_email) AS owner_email,
        min(status) AS status,
        CASE
            WHEN max(CASE WHEN state = 'in_force' THEN 1 ELSE 0 END) = 1 THEN 'in_force'
            WHEN max(CASE WHEN state = 'ended' THEN 1 ELSE 0 END) = 1 THEN 'ended'
            ELSE 'never'
        END AS state,
        max(ended_on) AS ended_on
    FROM metrics.contract_rows
    GROUP BY contract_id
) AS r
