-- description: The terms of each contract, as signed: lines whose days overlap make up one, a line that begins after the end of those before it begins the next. One that renews itself runs on until the next begins.
-- grain: contract_id, start_date
-- materialize: table
-- key: contract_id, start_date
WITH counted AS (
    SELECT r.*, max(CASE WHEN r.state = 'never' THEN 0 ELSE 1 END) OVER (PARTITION BY r.contract_id) AS has_begun
    FROM metrics.contract_rows AS r
),
-- What never came into force makes no term of a contract that did.
marked AS (
    SELECT
        c.*,
        max(c.end_date) OVER (PARTITION BY c.contract_id ORDER BY c.start_date, c.end_date, c.line_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS until
    FROM counted AS c
    WHERE c.state <> 'never' OR c.has_begun = 0
),
numbered AS (
    SELECT
        m.*,
        sum(CASE WHEN m.until IS NULL OR m.start_date > m.until THEN 1 ELSE 0 END)
            OVER (PARTITION BY m.contract_id ORDER BY m.start_date, m.end_date, m.line_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS term_no
    FROM marked AS m
),
ended AS (
    SELECT n.*, max(n.end_date) OVER (PARTITION BY n.contract_id, n.term_no) AS term_end
    FROM numbered AS n
),
terms AS (
    SELECT
        contract_id,
        min(connection) AS connection,
        min(vendor) AS vendor,
        min(start_date) AS start_date,
        term_end AS end_date,
        -- A line that ends before the others renews nothing.
        max(CASE WHEN auto_renew AND end_date = term_end THEN 1 ELSE 0 END) = 1 AS auto_renew,
        max(notice_days) AS notice_days,
        min(currency) AS currency,
        min(owner_email) AS owner_email,
        min(status) AS status
    FROM ended
    GROUP BY contract_id, term_no, term_end
)
SELECT
    t.*,
    names.whole_months(t.start_date, t.end_date) AS term_months,
    lead(t.start_date) OVER (PARTITION BY t.contract_id ORDER BY t.start_date) AS next_start,
    t.auto_renew AND coalesce(t.status, '') <> 'not_renewed' AS runs_on
FROM terms AS t
