-- description: What the estimates would have said where the exact roster is known: the error of each rule, per instance, window and date.
-- grain: date, app_id, instance_id, rule, window_days
-- materialize: as_of
-- date: date
-- key: date, app_id, instance_id, rule, window_days
-- column date: DATE on which both are compared: the run's date and the month ends before it.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column rule: engaged_120d, sso_login_120d (with the window that window_days says) or sso_assigned.
-- column window_days: 30, 60, 90 or 120; 0 for sso_assigned, which has no window.
-- column exact_users: Accounts on the roster.
-- column estimated_users: What the rule alone would have given.
-- column error: estimated_users minus exact_users.
-- column error_pct: error in percent of exact_users; NULL when that is 0.
-- column idp: The identity provider whose sign-ins or assignments the estimate rests on; several where there is more than one. NULL for engaged_120d, and where the configuration does not say.
-- column window_complete: Whether the estimate's source had data for the whole window already. NULL for sso_assigned.
-- column roster_as_of: DATE of the roster behind exact_users: an older one than date says less about the estimate.
-- column is_stale: Whether the estimate's source or the roster was more than 2 days behind date, or never read to the end: the error says nothing of the rule then.
WITH exact AS (
    SELECT p.date AS as_of, p.app_id, p.instance_id, n.instance_no, p.provisioned_users, p.basis_as_of AS roster_as_of
    FROM reports.provisioned_users_daily AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.date
    INNER JOIN metrics.instance_numbers AS n ON n.instance_key = p.app_id || '/' || p.instance_id
    WHERE p.basis = 'connector_exact'
),
feeding AS (
    SELECT
        d.as_of, s.app_id, s.instance_id, s.kind, min(s.first_date) AS first_date,
        CASE WHEN s.kind = 'engagement' THEN NULL WHEN min(s.idp) < max(s.idp) THEN 'several' ELSE min(s.idp) END AS idp
    FROM params.as_of_dates AS d
    INNER JOIN metrics.sources AS s
        ON s.first_date <= d.as_of AND (s.disconnected_on IS NULL OR d.as_of <= s.disconnected_on)
    WHERE s.kind IN ('engagement', 'logins')
    GROUP BY d.as_of, s.app_id, s.instance_id, s.kind
),
windows AS (
    SELECT 30 AS window_days UNION ALL SELECT 60 UNION ALL SELECT 90 UNION ALL SELECT 120
),
counted AS (
    SELECT
        a.as_of, a.instance_no, w.window_days,
        count(CASE WHEN a.last_engaged > CAST(a.as_of - w.window_days * INTERVAL '1' DAY AS DATE) THEN 1 END) AS engaged,
        count(CASE WHEN a.last_login > CAST(a.as_of - w.window_days * INTERVAL '1' DAY AS DATE) THEN 1 END) AS logged_in
    FROM metrics.activity_window AS a
    INNER JOIN params.as_of_dates AS d ON d.as_of = a.as_of
    CROSS JOIN windows AS w
    GROUP BY a.as_of, a.instance_no, w.window_days
),
assigned AS (
    SELECT
        e.as_of, e.app_id, e.instance_id,
        count(DISTINCT CASE WHEN a.person_id NOT LIKE 'service:%' THEN a.person_id END) AS people,
        min(l.snapshot_date) AS assigned_as_of,
        CASE WHEN min(c.idp) < max(c.idp) THEN 'several' ELSE min(c.idp) END AS idp
    FROM exact AS e
    INNER JOIN metrics.sources AS s
        ON s.kind = 'assignments' AND s.app_id = e.app_id AND s.instance_id = e.instance_id AND s.first_date <= e.as_of
        AND s.idp IN ('okta', 'onelogin')
    INNER JOIN metrics.lists_in_force AS l ON l.as_of = e.as_of AND l.feed = 'sso_assignments' AND l.connection = s.connection
    INNER JOIN params.connections AS c ON c.connection = s.connection
    LEFT JOIN core.sso_assignments AS a
        ON a.connection = l.connection AND a.snapshot_date = l.snapshot_date AND a.app_id = e.app_id AND a.instance_id = e.instance_id
    GROUP BY e.as_of, e.app_id, e.instance_id
),
estimates AS (
    SELECT
        e.as_of, e.app_id, e.instance_id, e.provisioned_users, e.roster_as_of,
        CASE WHEN f.kind = 'engagement' THEN 'engaged_120d' ELSE 'sso_login_120d' END AS rule,
        w.window_days,
        coalesce(CASE WHEN f.kind = 'engagement' THEN c.engaged ELSE c.logged_in END, 0) AS estimated,
        f.idp,
        date_diff('day', f.first_date, e.as_of) >= w.window_days - 1 AS window_complete,
        NOT coalesce(y.is_fresh, false) OR date_diff('day', e.roster_as_of, e.as_of) > q.stale_days AS is_stale
    FROM exact AS e
    INNER JOIN feeding AS f ON f.as_of = e.as_of AND f.app_id = e.app_id AND f.instance_id = e.instance_id
    CROSS JOIN windows AS w
    CROSS JOIN params.run AS q
    LEFT JOIN metrics.activity_sources AS y ON y.as_of = e.as_of AND y.app_id = e.app_id AND y.instance_id = e.instance_id AND y.kind = f.kind
    LEFT JOIN counted AS c ON c.as_of = e.as_of AND c.instance_no = e.instance_no AND c.window_days = w.window_days
    UNION ALL
    SELECT e.as_of, e.app_id, e.instance_id, e.provisioned_users, e.roster_as_of, 'sso_assigned', 0, a.people, a.idp, NULL,
        date_diff('day', a.assigned_as_of, e.as_of) > q.stale_days OR date_diff('day', e.roster_as_of, e.as_of) > q.stale_days
    FROM exact AS e
    CROSS JOIN params.run AS q
    INNER JOIN assigned AS a ON a.as_of = e.as_of AND a.app_id = e.app_id AND a.instance_id = e.instance_id
)
SELECT
    as_of AS date,
    app_id,
    instance_id,
    rule,
    CAST(window_days AS BIGINT) AS window_days,
    provisioned_users AS exact_users,
    CAST(estimated AS BIGINT) AS estimated_users,
    CAST(estimated - provisioned_users AS BIGINT) AS error,
    CASE WHEN provisioned_users > 0 THEN 100 * CAST(estimated - provisioned_users AS DOUBLE) / provisioned_users END AS error_pct,
    idp,
    window_complete,
    roster_as_of,
    is_stale
FROM estimates
