-- description: Spend with vendor, app, department and the organisation's currency worked out. The same charge seen by a card feed and an expense report counts once; one that is pending for more than 45 days counts no more.
-- grain: connection, transaction_id
-- materialize: table
-- key: connection, transaction_id
-- date: transaction_date
-- column connection: The connection that brought the line.
-- column transaction_id: The vendor's id of the line.
-- column transaction_date: DATE of the charge: the earliest of the lines that tell of it where it was seen more than once. core.spend_lines has each line's own.
-- column month: DATE of the first day of the transaction's month.
-- column amount: DECIMAL in currency; refunds are negative.
-- column currency: ISO 4217 code.
-- column amount_base: DECIMAL in the organisation's currency, by the latest rate dated on or before the transaction, rounded to the cent. NULL when there is no such rate, and of 10,000,000,000,000 or more.
-- column exact_base: DECIMAL, what reports add up: amount_base, so that totals are the same however they are cut; with ten decimals and not rounded where a line's own amount has fractions of a cent, or comes to less than 1: a thousand lines of 0.005 are 5.00. NULL where amount_base is.
-- column vendor_text: The statement's text, as sent.
-- column vendor: The vendor; NULL when unknown.
-- column app_id: The app; NULL when the vendor or the app is not known.
-- column spend_class: software (an app, or a vendor of the catalogue), probably_not_software (neither, and the text or the feed's category says travel, food, fuel or another trade) or unknown.
-- column match_method: rule (the user's own), exact_alias, normalised_alias, domain, fuzzy (a cut or misspelt name) or vendor (vendor known, app not); NULL when nothing matched.
-- column match_score: 0 to 1; NULL when nothing matched.
-- column spend_type: expense or invoice; NULL when unknown, the source's own word where no list knows it.
-- column payer_person_id: The payer, see core.people; NULL when unknown.
-- column department: The line's own, else the payer's on that date; NULL when neither is known.
-- column category: As sent; NULL when unknown.
-- column memo: As sent; NULL when empty.
-- column is_duplicate: Whether another connection already reported the same charge: same payer, vendor or app, amount and currency, at most 3 days apart; as often as that one has it, an API's line before a file's; or a line without a payer that can only mean one of another connection with a payer: same vendor or app, amount and currency, at most 3 days apart, one to one. Such lines count nowhere.
WITH apart AS (
    -- Lines are joined on the day and one of these, so that no charge is compared with all of its like in history.
    SELECT n FROM (VALUES (-3), (-2), (-1), (0), (1), (2), (3)) AS a (n)
),
mapped AS (
    SELECT
        l.*, m.vendor, m.app_id, m.match_method, m.match_score,
        c.connector = 'file' AS is_file,
        CASE WHEN l.currency = r.currency THEN l.amount ELSE TRY_CAST(TRY(l.amount * f.rate) AS DECIMAL(23, 10)) END AS amount_base,
        coalesce(m.app_id, m.vendor, l.vendor_key) AS what,
        date_diff('day', DATE '1970-01-01', l.transaction_date) AS day_no
    FROM core.spend_lines AS l
    CROSS JOIN params.run AS r
    INNER JOIN params.connections AS c ON c.connection = l.connection
    LEFT JOIN metrics.spend_map AS m ON m.vendor_key = l.vendor_key
    LEFT JOIN metrics.fx_spans AS f
        ON f.currency = l.currency AND f.valid_from <= l.transaction_date
        AND (f.valid_until IS NULL OR l.transaction_date < f.valid_until)
    -- An authorisation lapses within a month: what has not settled by then never will, or has under another id. Charges are
    -- read again for as long.
    WHERE l.amount IS NOT NULL
        AND NOT (coalesce(l.is_pending, FALSE) AND l.transaction_date < CAST(r.as_of - INTERVAL '45' DAY AS DATE))
),
-- The same payer, amount and vendor within three days of each other, from whichever connection, are one run of charges.
runs AS (
    SELECT
        w.connection, w.transaction_id, w.transaction_date, w.day_no, w.what, w.amount, w.currency, w.payer_person_id, w.is_file,
        sum(CASE WHEN w.previous_date IS NULL OR date_diff('day', w.previous_date, w.transaction_date) > 3 THEN 1 ELSE 0 END) OVER (
            PARTITION BY w.what, w.amount, w.currency, w.payer_person_id
            ORDER BY w.transaction_date, w.connection, w.transaction_id
        ) AS run
    FROM (
        SELECT
            m.*,
            lag(m.transaction_date) OVER (
                PARTITION BY m.what, m.amount, m.currency, m.payer_person_id
                ORDER BY m.transaction_date, m.connection, m.transaction_id
            ) AS previous_date
        FROM mapped AS m
        WHERE m.payer_person_id IS NOT NULL
    ) AS w
),
numbered AS (
    SELECT
        r.*,
        row_number() OVER (
            PARTITION BY r.what, r.amount, r.currency, r.payer_person_id, r.run, r.connection
            ORDER BY r.transaction_date, r.transaction_id
        ) AS occurrence
    FROM runs AS r
),
-- A run has as many charges as the connection that saw most of it; a connection's n-th line repeats another's n-th, where
-- that one has a line of these days.
run_lines AS (
    SELECT what, amount, currency, payer_person_id, run, connection, max(occurrence) AS lines
    FROM numbered
    GROUP BY what, amount, currency, payer_person_id, run, connection
),
duplicates AS (
    SELECT DISTINCT b.connection, b.transaction_id
    FROM numbered AS b
    CROSS JOIN apart AS n
    INNER JOIN numbered AS a
        ON a.what = b.what AND a.amount = b.amount AND a.currency = b.currency AND a.payer_person_id = b.payer_person_id
        AND a.run = b.run AND a.day_no = b.day_no + n.n AND a.connection <> b.connection
        AND ((b.is_file AND NOT a.is_file) OR (b.is_file = a.is_file AND b.connection > a.connection))
    INNER JOIN run_lines AS r
        ON r.what = a.what AND r.amount = a.amount AND r.currency = a.currency AND r.payer_person_id = a.payer_person_id
        AND r.run = a.run AND r.connection = a.connection AND r.lines >= b.occurrence
),
-- Feeds often know no payer where another does. A line without one repeats a line with one of another connection when
-- neither can mean any other. A payer whose charge this connection has under their name is no candidate.
likely_payers AS (
    SELECT u.connection, u.transaction_id, u.transaction_date, k.connection AS other, k.transaction_id AS other_id
    FROM mapped AS u
    CROSS JOIN apart AS n
    INNER JOIN mapped AS k
        ON k.what = u.what AND k.amount = u.amount AND k.currency = u.currency AND k.connection <> u.connection
        AND k.day_no = u.day_no + n.n
    WHERE u.payer_person_id IS NULL AND k.payer_person_id IS NOT NULL AND u.vendor IS NOT NULL
),
payerless AS (
    SELECT
        u.connection, u.transaction_id, u.other, u.other_id, u.transaction_date,
        count(*) OVER (PARTITION BY u.connection, u.transaction_id) AS candidates,
        count(*) OVER (PARTITION BY u.other, u.other_id) AS claims
    FROM likely_payers AS u
    LEFT JOIN duplicates AS d ON d.connection = u.other AND d.transaction_id = u.other_id
    LEFT JOIN (
        SELECT DISTINCT s.connection, l.other, l.other_id
        FROM (SELECT DISTINCT other, other_id FROM likely_payers) AS l
        INNER JOIN mapped AS k ON k.connection = l.other AND k.transaction_id = l.other_id
        CROSS JOIN apart AS n
        INNER JOIN mapped AS s
            ON s.what = k.what AND s.amount = k.amount AND s.currency = k.currency AND s.connection <> k.connection
            AND s.payer_person_id = k.payer_person_id AND s.day_no = k.day_no + n.n
    ) AS own ON own.connection = u.connection AND own.other = u.other AND own.other_id = u.other_id
    WHERE d.transaction_id IS NULL AND own.other_id IS NULL
),
-- What each repeating line repeats, as far as that tells an earlier day.
repeats AS (
    SELECT b.connection, b.transaction_id, k.connection AS other, k.transaction_id AS other_id, b.transaction_date
    FROM duplicates AS d
    INNER JOIN numbered AS b ON b.connection = d.connection AND b.transaction_id = d.transaction_id
    INNER JOIN numbered AS k
        ON k.what = b.what AND k.amount = b.amount AND k.currency = b.currency AND k.payer_person_id = b.payer_person_id
        AND k.run = b.run AND k.occurrence = b.occurrence AND k.connection <> b.connection
        AND k.day_no BETWEEN b.day_no - 3 AND b.day_no + 3
    UNION ALL
    SELECT connection, transaction_id, other, other_id, transaction_date FROM payerless WHERE candidates = 1 AND claims = 1
),
repeated AS (
    SELECT connection, transaction_id FROM duplicates
    UNION
    SELECT connection, transaction_id FROM payerless WHERE candidates = 1 AND claims = 1
),
firsts AS (
    SELECT other AS connection, other_id AS transaction_id, min(transaction_date) AS first_date FROM repeats GROUP BY other, other_id
),
dated AS (
    SELECT
        n.*,
        d.transaction_id IS NOT NULL AS is_duplicate,
        CASE WHEN d.transaction_id IS NULL AND f.first_date < n.transaction_date THEN f.first_date ELSE n.transaction_date END AS charge_date
    FROM mapped AS n
    LEFT JOIN repeated AS d ON d.connection = n.connection AND d.transaction_id = n.transaction_id
    LEFT JOIN firsts AS f ON f.connection = n.connection AND f.transaction_id = n.transaction_id
)
SELECT
    n.connection,
    n.transaction_id,
    n.charge_date AS transaction_date,
    CAST(date_trunc('month', n.charge_date) AS DATE) AS month,
    CAST(n.amount AS DECIMAL(18, 2)) AS amount,
    n.currency,
    CAST(n.amount_base AS DECIMAL(18, 2)) AS amount_base,
    CAST(CASE WHEN n.amount = CAST(n.amount AS DECIMAL(18, 2)) AND abs(n.amount_base) >= 1 THEN CAST(n.amount_base AS DECIMAL(18, 2)) ELSE n.amount_base END AS DECIMAL(24, 10)) AS exact_base,
    n.vendor_text,
    n.vendor,
    n.app_id,
    CASE WHEN n.app_id IS NOT NULL OR v.vendor IS NOT NULL THEN 'software' ELSE k.otherwise END AS spend_class,
    n.match_method,
    n.match_score,
    n.spend_type,
    n.payer_person_id,
    coalesce(n.department, p.department) AS department,
    n.category,
    n.memo,
    n.is_duplicate
FROM dated AS n
LEFT JOIN metrics.payer_departments AS p ON p.connection = n.connection AND p.transaction_id = n.transaction_id
LEFT JOIN names.software_vendors AS v ON v.vendor = n.vendor
LEFT JOIN metrics.spend_classes AS k ON k.vendor_key = coalesce(n.vendor_key, '') AND k.category = coalesce(n.category, '')
