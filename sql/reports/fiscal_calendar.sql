-- description: Fiscal year, quarter and period of each month, from two years before the first spend to two years after the run. Join it to any table with a month.
-- grain: month
-- materialize: table
-- key: month
-- column month: DATE of the first day of a month.
-- column fiscal_year: The fiscal year's number: the calendar year it ends in.
-- column fiscal_quarter: 1 to 4, quarter of the fiscal year.
-- column fiscal_period: 1 to 12, month of the fiscal year. 1 is the month that organisation.fiscal_year_start names.
-- column fiscal_year_label: The fiscal year for people: FY2026, or FY2025/26 when it spans two calendar years.
-- column fiscal_year_from: DATE of the fiscal year's first day.
-- column fiscal_year_to: DATE of the fiscal year's last day.
WITH bounds AS (
    SELECT
        r.fiscal_year_start AS first_month,
        -- A date that is a slip of the pen does not make a calendar of two thousand years.
        greatest(least(coalesce(min(s.month), r.as_of), r.as_of) - INTERVAL '24' MONTH, r.as_of - INTERVAL '1200' MONTH) AS low,
        r.as_of + INTERVAL '24' MONTH AS high
    FROM params.run AS r
    LEFT JOIN core.spend AS s ON s.transaction_date <= r.as_of
    GROUP BY r.fiscal_year_start, r.as_of
),
digits AS (
    SELECT n FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d (n)
),
months AS (
    SELECT b.first_month, CAST(date_trunc('month', b.low) AS DATE) + INTERVAL '1' MONTH * (a.n * 1000 + c.n * 100 + d.n * 10 + e.n) AS month
    FROM bounds AS b
    CROSS JOIN digits AS a
    CROSS JOIN digits AS c
    CROSS JOIN digits AS d
    CROSS JOIN digits AS e
    WHERE a.n < 2 AND CAST(date_trunc('month', b.low) AS DATE) + INTERVAL '1' MONTH * (a.n * 1000 + c.n * 100 + d.n * 10 + e.n) <= b.high
),
placed AS (
    SELECT
        CAST(m.month AS DATE) AS month,
        CAST((extract(MONTH FROM m.month) - m.first_month + 12) % 12 + 1 AS BIGINT) AS fiscal_period,
        m.first_month
    FROM months AS m
)
SELECT
    p.month,
    CAST(extract(YEAR FROM p.month + INTERVAL '1' MONTH * (12 - p.fiscal_period)) AS BIGINT) AS fiscal_year,
    CAST(floor((p.fiscal_period - 1) / CAST(3 AS DOUBLE)) AS BIGINT) + 1 AS fiscal_quarter,
    p.fiscal_period,
    CASE WHEN p.first_month = 1 THEN 'FY' || CAST(extract(YEAR FROM p.month) AS VARCHAR)
        ELSE 'FY' || CAST(extract(YEAR FROM p.month - INTERVAL '1' MONTH * (p.fiscal_period - 1)) AS VARCHAR)
            || '/' || substr(CAST(extract(YEAR FROM p.month + INTERVAL '1' MONTH * (12 - p.fiscal_period)) AS VARCHAR), 3, 2)
    END AS fiscal_year_label,
    CAST(p.month - INTERVAL '1' MONTH * (p.fiscal_period - 1) AS DATE) AS fiscal_year_from,
    CAST(p.month + INTERVAL '1' MONTH * (13 - p.fiscal_period) - INTERVAL '1' DAY AS DATE) AS fiscal_year_to
FROM placed AS p
