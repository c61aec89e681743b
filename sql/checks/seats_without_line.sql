-- description: Seats that fill no line of their app's contracts, as no line is of their tier: the lines then look unused.
SELECT
    'contracts.seats_without_line' AS check_name,
    'error' AS severity,
    CAST(sum(w.seats) AS BIGINT) AS failing_rows,
    string_agg(
        CASE WHEN w.nth <= 20 THEN w.app_id || ': ' || names.counted(w.seats, 'seat ', 'seats ') || CASE WHEN w.tier IS NULL THEN 'without a tier' ELSE 'of tier "' || w.tier || '"' END
            || ' fill no line; its lines are of ' || l.tiers || ', and their unused licences no certain saving; write the tier in the contract as the list of accounts has it' END,
        '; ' ORDER BY w.app_id, w.pool, w.tier_key) AS sample
FROM (
    SELECT s.*, row_number() OVER (ORDER BY s.seats DESC, s.app_id, s.pool, s.tier_key) AS nth
    FROM metrics.seats_without_line AS s
    INNER JOIN params.run AS r ON r.as_of = s.as_of
) AS w
INNER JOIN (
    SELECT t.as_of, t.app_id, t.pool, string_agg('"' || t.tier || '"', ', ' ORDER BY t.tier) AS tiers
    FROM (SELECT DISTINCT as_of, app_id, pool, tier FROM metrics.licence_lines) AS t
    GROUP BY t.as_of, t.app_id, t.pool
) AS l ON l.as_of = w.as_of AND l.app_id = w.app_id AND l.pool = w.pool
