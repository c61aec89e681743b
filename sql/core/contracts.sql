-- description: Contracts, as last known, with the term that runs on the date of the run.
-- grain: contract_id
-- materialize: table
-- key: contract_id
-- column connection: The connection that brought the contract.
-- column contract_id: The contract's id or purchase order number.
-- column vendor: The vendor, as sent.
-- column start_date: DATE of the first day of the term that runs on the date of the run: the last one that has begun, or the first. Lines whose days overlap are of one term.
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
    t.connection,
    t.contract_id,
    t.vendor,
    t.start_date,
    t.end_date,
    t.term_months,
    t.auto_renew,
    t.notice_days,
    t.currency,
    t.owner_email,
    t.status,
    s.state,
    CASE WHEN s.state = 'ended' THEN s.ended_on END AS ended_on
FROM (
    SELECT
        c.*,
        row_number() OVER (
            PARTITION BY c.contract_id
            ORDER BY CASE WHEN c.start_date <= r.as_of THEN 0 ELSE 1 END, CASE WHEN c.start_date <= r.as_of THEN c.start_date END DESC, c.start_date
        ) AS choice
    FROM metrics.contract_terms AS c
    CROSS JOIN params.run AS r
) AS t
INNER JOIN (
    SELECT
        contract_id,
        CASE
            WHEN max(CASE WHEN state = 'in_force' THEN 1 ELSE 0 END) = 1 THEN 'in_force'
            WHEN max(CASE WHEN state = 'ended' THEN 1 ELSE 0 END) = 1 THEN 'ended'
            ELSE 'never'
        END AS state,
        max(ended_on) AS ended_on
    FROM metrics.contract_rows
    GROUP BY contract_id
) AS s ON s.contract_id = t.contract_id
WHERE t.choice = 1
