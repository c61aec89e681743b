-- description: What the reclaim rules say of each seat, on the run's date and on earlier report dates, with today's rules and exempt lists.
-- grain: as_of, app_id, instance_id, person_id
-- materialize: view
WITH judged AS (
    SELECT
        s.*, t.is_lower_cheaper, t.lower_saving, r.inactive_days AS rule_days, r.action AS rule_action, r.method AS rule_method,
        coalesce(p.primary_email, s.account_email) AS email,
        e.person_id IS NOT NULL OR a.person_id IS NOT NULL AS is_exempt,
        -- Known only where the source tells of the rule's whole window.
        coalesce(s.known_since <= CAST(s.as_of - (r.inactive_days - 1) * INTERVAL '1' DAY AS DATE), false)
            AND coalesce(s.last_active, DATE '1970-01-01') <= CAST(s.as_of - r.inactive_days * INTERVAL '1' DAY AS DATE) AS is_idle
    FROM metrics.seats AS s
    INNER JOIN metrics.seat_tiers AS t ON t.as_of = s.as_of AND t.instance_no = s.instance_no AND t.person_no = s.person_no
    INNER JOIN params.reclaim_rules AS r ON r.rule_no = s.rule_no
    INNER JOIN core.people AS p ON p.person_id = s.person_id
    LEFT JOIN metrics.exempt_people AS e ON e.app_id = '' AND e.person_id = s.person_id
    LEFT JOIN metrics.exempt_people AS a ON a.app_id = s.app_id AND a.person_id = s.person_id
    WHERE s.basis IN ('connector_exact', 'sso_assigned', 'sso_assigned_estimated')
),
decided AS (
    SELECT
        j.*,
        CASE
            WHEN j.has_left THEN 'deprovision'
            WHEN j.is_new THEN NULL
            WHEN j.is_idle AND j.rule_action = 'deprovision' THEN 'deprovision'
            WHEN (j.is_idle OR j.use_made = 'less_usage') AND j.is_lower_cheaper THEN 'downgrade'
        END AS action
    FROM judged AS j
)
SELECT
    d.*,
    CASE
        WHEN d.has_left AND d.left_on IS NOT NULL THEN 'left on ' || CAST(d.left_on AS VARCHAR)
        WHEN d.has_left THEN 'is no longer in HR'
        WHEN d.is_idle AND d.has_engagement THEN 'no engaged action in ' || names.counted(d.rule_days, 'day', 'days')
        WHEN d.is_idle AND d.is_never_active THEN 'never signed in'
        WHEN d.is_idle THEN 'no sign-in in ' || names.counted(d.rule_days, 'day', 'days') || '; nothing better is known'
        ELSE 'used only features of ' || d.lower_tier
    END AS reason,
    -- Sessions outlive windows: who is idle by sign-ins alone may be at work.
    d.has_left OR d.has_engagement OR d.is_never_active AS is_certain
FROM decided AS d
WHERE d.action IS NOT NULL
