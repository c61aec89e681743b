-- description: Current contracts by the date on which they end or renew, with the number of licences to renew.
-- grain: as_of, contract_id
-- materialize: as_of
-- key: as_of, contract_id
-- column as_of: DATE the numbers are of.
-- column contract_id: The contract.
-- column vendor: The vendor, as sent.
-- column app_id: The app; NULL when the contract is for several or for none that is known.
-- column end_date: DATE on which the current term ends; auto-renewals are rolled forward.
-- column notice_deadline: DATE by which notice is due: end_date minus the notice days. NULL when those are unknown.
-- column days_left: Days from as_of to end_date.
-- column reminder: 90, 60, 30 or 14: the last of those marks that days_left has passed; NULL before the first.
-- column auto_renew: Whether it goes on unless cancelled.
-- column annual_spend: DECIMAL, organisation's currency: user-licence lines. NULL when a price or rate is unknown.
-- column recommended_licences: Right-sized users of the app (all who have a seat but the inactive; exempt and new people keep theirs) plus the buffer, in percent of those who were active (engaged, or signed in where only that is known) in 30 days, rounded up to the step. NULL when nothing tells of activity or the provisioned users are unknown.
-- column potential_saving: DECIMAL a year: licences beyond the recommendation at the contract's average price, at least 0. NULL when either is unknown.
WITH lines AS (
    SELECT l.*
    FROM metrics.contract_lines_current AS l
    INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
),
contract AS (
    SELECT
        l.as_of, l.contract_id,
        min(l.vendor) AS vendor,
        CASE WHEN count(DISTINCT l.app_id) = 1 THEN min(l.app_id) END AS app_id,
        min(l.current_end) AS end_date,
        CAST(sum(CASE WHEN l.is_user_licence THEN l.licences END) AS BIGINT) AS licences,
        CASE WHEN count(CASE WHEN l.is_user_licence THEN 1 END) = count(CASE WHEN l.is_user_licence THEN l.annual_spend END)
            THEN CAST(sum(CASE WHEN l.is_user_licence THEN l.annual_spend END) AS DECIMAL(18, 2)) END AS annual_spend
    FROM lines AS l
    GROUP BY l.as_of, l.contract_id
),
-- Several contracts for one app share its people by the licences they buy.
app_licences AS (
    SELECT as_of, app_id, sum(licences) AS licences FROM contract WHERE app_id IS NOT NULL GROUP BY as_of, app_id
),
idle AS (
    SELECT s.as_of, s.app_id, s.instance_id, count(*) AS people
    FROM metrics.seats AS s
    INNER JOIN params.as_of_dates AS d ON d.as_of = s.as_of
    WHERE s.use_made = 'inactive' AND NOT s.is_new
        AND NOT EXISTS (SELECT 1 FROM metrics.exempt_people AS x WHERE x.person_id = s.person_id AND x.app_id IN ('', s.app_id))
    GROUP BY s.as_of, s.app_id, s.instance_id
),
-- Who keeps the seat: all who have one but the idle. Of those who only sign in, the ones with a seat are
-- found by their share of the seats.
kept AS (
    SELECT
        e.as_of, e.app_id,
        sum(e.provisioned_users - coalesce(i.people, 0)) AS right_sized,
        sum(CASE
            WHEN e.engaged_users IS NOT NULL THEN e.engaged_users
            ELSE CAST(round(e.login_pct * e.provisioned_users / 100) AS BIGINT)
        END) AS active
    FROM reports.engagement AS e
    INNER JOIN params.as_of_dates AS d ON d.as_of = e.as_of
    LEFT JOIN params.excluded_instances AS x ON x.app_id = e.app_id AND x.instance_id = e.instance_id
    LEFT JOIN idle AS i ON i.as_of = e.as_of AND i.app_id = e.app_id AND i.instance_id = e.instance_id
    WHERE e.window_days = 30 AND x.instance_id IS NULL
    GROUP BY e.as_of, e.app_id
    HAVING max(CASE WHEN e.engaged_users IS NOT NULL OR e.unique_logins IS NOT NULL THEN 1 ELSE 0 END) = 1
),
-- The contract's share of the seats to keep with the buffer is wanted / of_which; whole numbers keep it exact.
shares AS (
    SELECT
        c.as_of, c.contract_id, y.licence_step,
        (CAST(k.right_sized AS BIGINT) * 100 + CAST(coalesce(k.active, 0) AS BIGINT) * y.buffer_percent) * c.licences AS wanted,
        CAST(t.licences AS BIGINT) * 100 AS of_which
    FROM contract AS c
    CROSS JOIN params.policy AS y
    INNER JOIN kept AS k ON k.as_of = c.as_of AND k.app_id = c.app_id
    INNER JOIN app_licences AS t ON t.as_of = c.as_of AND t.app_id = c.app_id
    WHERE k.right_sized IS NOT NULL AND t.licences > 0
),
rounded AS (
    SELECT
        as_of, contract_id, licence_step,
        CAST((wanted - mod(wanted, of_which)) / of_which AS BIGINT) + CASE WHEN mod(wanted, of_which) > 0 THEN 1 ELSE 0 END AS licences
    FROM shares
),
recommended AS (
    SELECT
        as_of, contract_id,
        CAST(licences + CASE WHEN mod(licences, licence_step) > 0 THEN licence_step - mod(licences, licence_step) ELSE 0 END AS BIGINT) AS licences
    FROM rounded
)
SELECT
    c.as_of,
    c.contract_id,
    c.vendor,
    c.app_id,
    c.end_date,
    CAST(c.end_date - k.notice_days * INTERVAL '1' DAY AS DATE) AS notice_deadline,
    CAST(date_diff('day', c.as_of, c.end_date) AS BIGINT) AS days_left,
    CAST(CASE
        WHEN date_diff('day', c.as_of, c.end_date) <= 14 THEN 14
        WHEN date_diff('day', c.as_of, c.end_date) <= 30 THEN 30
        WHEN date_diff('day', c.as_of, c.end_date) <= 60 THEN 60
        WHEN date_diff('day', c.as_of, c.end_date) <= 90 THEN 90
    END AS BIGINT) AS reminder,
    k.auto_renew,
    c.annual_spend,
    r.licences AS recommended_licences,
    CASE WHEN c.licences > 0 AND r.licences IS NOT NULL AND c.annual_spend IS NOT NULL
        THEN CAST(CAST(c.annual_spend * greatest(c.licences - r.licences, 0) / c.licences AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS potential_saving
FROM contract AS c
INNER JOIN core.contracts AS k ON k.contract_id = c.contract_id
LEFT JOIN recommended AS r ON r.as_of = c.as_of AND r.contract_id = c.contract_id
