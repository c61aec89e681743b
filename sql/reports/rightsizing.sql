-- description: What each provisioned person makes of their licence, and what would fit better.
-- grain: as_of, app_id, instance_id, person_id
-- materialize: table
-- key: as_of, app_id, instance_id, person_id
-- column as_of: DATE of the run.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column person_id: The person, see core.people.
-- column email: The address used now; NULL when only an account id is known.
-- column tier: The licence type held; NULL when unknown.
-- column segment: ignored (exempt or new), inactive, less_usage (only features of a lower tier), efficient; unknown where a source that could show their use does not tell of the whole window, see reason. NULL when no source tells of activity.
-- column reason: Why, in a sentence.
-- column last_active: DATE of the last engaged action, or of the last sign-in where only those are known; NULL when there was none in 120 days.
-- column suggested_tier: The tier that would do (less_usage) and is not known to be as dear; NULL otherwise.
-- column is_stale: Whether the list that the seat stands on, or the activity, was more than 2 days behind as_of or never read to the end.
-- column monthly_saving: DECIMAL, organisation's currency: what the seat (inactive) or the difference to the suggested tier (less_usage) costs a month, by the contract line that it fills; 0 for a seat of a free tier or beyond the licences bought. NULL when a price is unknown, there is nothing to save, or the instance is left out of the app's numbers.
WITH judged AS (
    SELECT
        s.*, t.is_lower_cheaper, t.lower_saving, v.use_saving, v.is_use_paid, v.person_no IS NOT NULL AS fills_a_line, l.pool,
        coalesce(p.primary_email, s.account_email) AS email,
        e.person_id IS NOT NULL OR a.person_id IS NOT NULL AS is_exempt,
        CASE
            WHEN e.person_id IS NOT NULL OR a.person_id IS NOT NULL OR s.is_new THEN 'ignored'
            ELSE s.use_made
        END AS segment
    FROM metrics.seats AS s
    INNER JOIN params.run AS q ON q.as_of = s.as_of
    INNER JOIN core.people AS p ON p.person_id = s.person_id
    INNER JOIN metrics.seat_tiers AS t ON t.as_of = s.as_of AND t.instance_no = s.instance_no AND t.person_no = s.person_no
    LEFT JOIN metrics.licence_pools AS l ON l.as_of = s.as_of AND l.instance_no = s.instance_no
    LEFT JOIN metrics.seat_savings AS v ON v.as_of = s.as_of AND v.instance_no = s.instance_no AND v.person_no = s.person_no
    LEFT JOIN metrics.exempt_people AS e ON e.app_id = '' AND e.person_id = s.person_id
    LEFT JOIN metrics.exempt_people AS a ON a.app_id = s.app_id AND a.person_id = s.person_id
)
SELECT
    j.as_of,
    j.app_id,
    j.instance_id,
    j.person_id,
    j.email,
    j.tier,
    j.segment,
    CASE
        WHEN j.is_exempt THEN 'exempt by list'
        WHEN j.is_new THEN 'provisioned less than ' || names.counted(j.new_user_days, 'day', 'days') || ' ago'
        WHEN j.segment IS NULL THEN 'no source tells of activity in this app'
        WHEN j.segment = 'unknown' THEN 'not known: ' || j.gap
        WHEN j.segment = 'inactive' AND j.has_engagement THEN 'no engaged action in ' || names.counted(j.inactive_days, 'day', 'days')
        WHEN j.segment = 'inactive' AND j.is_never_active THEN 'never signed in'
        WHEN j.segment = 'inactive' THEN 'no sign-in in ' || names.counted(j.inactive_days, 'day', 'days') || '; nothing better is known'
        WHEN j.segment = 'less_usage' THEN 'used only features of ' || j.lower_tier
        WHEN j.has_engagement THEN 'uses what the licence is for'
        ELSE 'signs in; nothing better is known'
    END AS reason,
    j.last_active,
    CASE WHEN j.segment = 'less_usage' AND j.is_lower_cheaper THEN j.lower_tier END AS suggested_tier,
    CASE
        WHEN j.pool IS NULL OR j.segment IS NULL OR j.segment NOT IN ('inactive', 'less_usage') THEN NULL
        WHEN NOT j.fills_a_line THEN 0
        WHEN j.segment = 'inactive' THEN j.use_saving
        WHEN j.is_lower_cheaper AND NOT j.is_use_paid THEN 0
        WHEN j.is_lower_cheaper THEN j.lower_saving
    END AS monthly_saving,
    j.is_stale
FROM judged AS j
