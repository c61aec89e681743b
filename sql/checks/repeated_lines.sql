-- description: Rows of contracts that do not count, as another of the same id, product and days does, named one by one; rows of one id that count as several lines from several lists; and contracts that several connections bring.
WITH pairs AS (
    SELECT
        a.connection, a.place, a.contract_id, a.contract_id || ' line ' || a.line_key AS line,
        a.connection = b.connection AND a.snapshot_id = b.snapshot_id AS is_same_list,
        a.connection = b.connection AS is_same_connection,
        b.connection AS other,
        substr(
            CASE WHEN a.licences IS DISTINCT FROM b.licences
                THEN ', licences ' || coalesce(CAST(a.licences AS VARCHAR), 'none') || ' (not ' || coalesce(CAST(b.licences AS VARCHAR), 'none') || ')' ELSE '' END
            || CASE WHEN a.unit_price IS DISTINCT FROM b.unit_price
                THEN ', unit price ' || coalesce(names.plain_number(a.unit_price), 'none') || ' (not ' || coalesce(names.plain_number(b.unit_price), 'none') || ')' ELSE '' END
            || CASE WHEN a.start_date <> b.start_date OR a.end_date <> b.end_date
                THEN ', days ' || CAST(a.start_date AS VARCHAR) || ' to ' || CAST(a.end_date AS VARCHAR) || ' (not ' || CAST(b.start_date AS VARCHAR) || ' to ' || CAST(b.end_date AS VARCHAR) || ')' ELSE '' END
            || CASE WHEN a.billing_period IS DISTINCT FROM b.billing_period
                THEN ', billing period ' || coalesce(a.billing_period, 'none') || ' (not ' || coalesce(b.billing_period, 'none') || ')' ELSE '' END
            || CASE WHEN a.currency IS DISTINCT FROM b.currency THEN ', currency ' || coalesce(a.currency, 'none') || ' (not ' || coalesce(b.currency, 'none') || ')' ELSE '' END
            || CASE WHEN a.status_key <> b.status_key THEN ', status "' || a.status_key || '" (not "' || b.status_key || '")' ELSE '' END
            || CASE WHEN a.is_user_licence IS DISTINCT FROM b.is_user_licence THEN ', another kind of line' ELSE '' END
            || CASE WHEN a.auto_renew IS DISTINCT FROM b.auto_renew THEN ', another auto-renewal' ELSE '' END
            || CASE WHEN a.notice_days IS DISTINCT FROM b.notice_days THEN ', other notice days' ELSE '' END, 3) AS differs
    FROM metrics.contract_listed AS a
    INNER JOIN metrics.contract_listed AS b ON b.place = a.instead
),
judged AS (
    SELECT
        p.*,
        CASE
            WHEN p.differs = '' THEN 'repeated_lines'
            WHEN p.is_same_connection AND NOT p.is_same_list THEN 'replaced_lines'
            ELSE 'contradicting_lines'
        END AS kind,
        p.line || CASE WHEN p.differs = '' THEN '' ELSE ': ' || p.differs END
            || CASE WHEN p.is_same_connection THEN '' ELSE ', which ' || p.other || ' has' END AS named
    FROM pairs AS p
),
counted AS (
    SELECT j.*, row_number() OVER (PARTITION BY j.connection, j.kind ORDER BY j.place) AS nth FROM judged AS j
)
SELECT
    c.connection || '.contracts.' || c.kind AS check_name,
    CASE
        WHEN c.kind = 'contradicting_lines' THEN 'error'
        WHEN c.kind = 'replaced_lines' OR max(CASE WHEN c.is_same_list THEN 1 ELSE 0 END) = 1 THEN 'warning'
        ELSE 'info'
    END AS severity,
    count(*) AS failing_rows,
    CASE c.kind
        WHEN 'repeated_lines' THEN 'listed more than once, alike, and counted once; purchases that are several need line ids of their own: '
        WHEN 'replaced_lines' THEN 'not counted, as a file read later has the same contract, line, product and days; what is a purchase of its own needs a line id of its own: '
        ELSE 'NOT counted, as another row has the same contract, line, product and days; give each purchase a line id of its own, or take the wrong row away: '
    END
        || string_agg(CASE WHEN c.nth <= 50 THEN c.named END, '; ' ORDER BY c.place)
        || CASE WHEN count(*) > 50 THEN '; and ' || CAST(count(*) - 50 AS VARCHAR) || ' more' ELSE '' END AS sample
FROM counted AS c
GROUP BY c.connection, c.kind
UNION ALL
SELECT
    b.connection || '.contracts.one_id_in_several_lists',
    'warning',
    count(*),
    min(a.contract_id || ' line ' || a.line_key || ' is of ' || a.product || coalesce(' ' || a.tier, '') || ' in one list and of ' || b.product || coalesce(' ' || b.tier, '')
        || ' in another, for the same days, and both count; if one corrects the other, take the wrong row away')
FROM metrics.contract_listed AS a
INNER JOIN metrics.contract_listed AS b
    ON b.contract_id = a.contract_id AND b.line_key = a.line_key AND b.place > a.place AND b.start_date <= a.end_date AND a.start_date <= b.end_date
WHERE a.instead IS NULL AND b.instead IS NULL AND (a.connection <> b.connection OR a.snapshot_id <> b.snapshot_id)
GROUP BY b.connection
UNION ALL
SELECT
    'contracts.several_connections',
    'warning',
    count(*),
    min(k.contract_id || ': in the lists of ' || k.first_connection || ' and ' || k.last_connection || ', and counted as one contract; two contracts need two numbers')
FROM (
    SELECT contract_id, min(connection) AS first_connection, max(connection) AS last_connection
    FROM metrics.contract_listed
    WHERE instead IS NULL
    GROUP BY contract_id
    HAVING count(DISTINCT connection) > 1
) AS k
