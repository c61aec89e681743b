-- description: What each recommendation saves a month: the seats that somebody pays for. Beyond the licences bought a seat that goes saves nothing, but a true-up.
-- grain: as_of, app_id, instance_id, person_id
-- materialize: view
SELECT
    r.*,
    CASE
        WHEN p.pool IS NULL THEN NULL
        WHEN s.person_no IS NULL THEN 0
        WHEN r.action = 'downgrade' AND NOT s.is_rule_paid THEN 0
        WHEN r.action = 'downgrade' THEN r.lower_saving
        ELSE s.rule_saving
    END AS monthly_saving,
    CASE WHEN p.pool IS NULL THEN 1 WHEN s.person_no IS NULL THEN 0 WHEN r.action = 'downgrade' THEN least(s.rule_seats, 1) ELSE s.rule_seats END AS seats,
    CASE WHEN s.person_no IS NULL THEN 0 WHEN r.action = 'downgrade' THEN least(s.rule_beyond, 1) ELSE s.rule_beyond END AS seats_beyond
FROM metrics.recommendations AS r
LEFT JOIN metrics.licence_pools AS p ON p.as_of = r.as_of AND p.instance_no = r.instance_no
LEFT JOIN metrics.seat_savings AS s ON s.as_of = r.as_of AND s.instance_no = r.instance_no AND s.person_no = r.person_no
