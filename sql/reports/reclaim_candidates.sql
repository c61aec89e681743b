-- description: Seats that could be given back or made cheaper, how, and what stands against it. Nothing is done without a plan that somebody applied.
-- grain: as_of, app_id, instance_id, person_id
-- materialize: table
-- key: as_of, app_id, instance_id, person_id
-- column as_of: DATE of the run.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column person_id: The person, see core.people.
-- column email: The address used now; NULL when only an account id is known.
-- column action: deprovision or downgrade.
-- column method: direct (the vendor's API), idp (unassign in Okta or OneLogin) or suggest (by hand).
-- column reason: Why, in a sentence.
-- column is_exempt: Whether a list exempts the person: such rows are shown, but never acted on.
-- column reprovision_risk: What could bring the seat back, with the group's name; NULL when nothing is known to.
-- column monthly_saving: DECIMAL, organisation's currency; NULL when the price is unknown.
WITH judged AS (
    SELECT
        r.*, s.is_exempt AS exempt, s.is_new, s.is_assigned, s.is_direct, s.groups, s.basis, s.has_engagement, s.has_logins,
        s.last_engaged, s.last_login, s.termination_date, s.is_employed, s.monthly_price,
        coalesce(CASE WHEN s.has_engagement THEN s.last_engaged ELSE s.last_login END, DATE '1970-01-01')
            <= CAST(s.as_of - y.inactive_days * INTERVAL '1' DAY AS DATE) AS is_idle,
        s.termination_date <= s.as_of OR s.is_employed = false AS has_left
    FROM reports.rightsizing AS r
    INNER JOIN metrics.seats AS s
        ON s.app_id = r.app_id AND s.instance_id = r.instance_id AND s.person_id = r.person_id
    CROSS JOIN params.policy AS y
    WHERE s.basis IN ('connector_exact', 'sso_assigned', 'sso_assigned_estimated')
),
candidates AS (
    SELECT j.*,
        CASE
            WHEN j.has_left THEN 'deprovision'
            WHEN j.is_new THEN NULL
            WHEN (j.has_engagement OR j.has_logins) AND j.is_idle THEN 'deprovision'
            WHEN j.segment = 'less_usage' THEN 'downgrade'
        END AS action
    FROM judged AS j
)
SELECT
    c.as_of,
    c.app_id,
    c.instance_id,
    c.person_id,
    c.email,
    c.action,
    CASE
        WHEN c.basis = 'connector_exact' THEN 'suggest'
        WHEN c.is_assigned AND c.is_direct AND c.action = 'deprovision' THEN 'idp'
        ELSE 'suggest'
    END AS method,
    CASE
        WHEN c.has_left AND c.termination_date IS NOT NULL THEN 'left on ' || CAST(c.termination_date AS VARCHAR)
        WHEN c.has_left THEN 'is no longer in HR'
        WHEN c.segment = 'ignored' THEN 'inactive'
        ELSE c.reason
    END AS reason,
    c.exempt AS is_exempt,
    CASE
        WHEN c.is_assigned AND c.groups IS NOT NULL THEN 'still assigned by group: ' || c.groups
        WHEN c.is_assigned AND c.basis = 'connector_exact' THEN 'still assigned directly in the identity provider'
    END AS reprovision_risk,
    CASE WHEN c.action = 'downgrade' THEN c.monthly_saving ELSE c.monthly_price END AS monthly_saving
FROM candidates AS c
WHERE c.action IS NOT NULL
