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
-- column segment: ignored (exempt or new), inactive, less_usage (only features of a lower tier), efficient. NULL when no source tells of activity.
-- column reason: Why, in a sentence.
-- column last_active: DATE of the last engaged action, or of the last sign-in where only those are known; NULL when there was none in 120 days.
-- column suggested_tier: The tier that would do (less_usage); NULL otherwise.
-- column monthly_saving: DECIMAL, organisation's currency: what the seat (inactive) or the difference (less_usage) costs a month. NULL when the price is unknown or there is nothing to save.
WITH judged AS (
    SELECT
        s.*, y.inactive_days, y.new_user_days, t.needed_tier, t.held_rank, t.needed_rank,
        CASE WHEN s.has_engagement THEN s.last_engaged ELSE s.last_login END AS last_active,
        CASE
            WHEN s.is_exempt THEN 'ignored'
            WHEN s.is_new THEN 'ignored'
            WHEN NOT s.has_engagement AND NOT s.has_logins THEN NULL
            WHEN coalesce(CASE WHEN s.has_engagement THEN s.last_engaged ELSE s.last_login END, DATE '1970-01-01')
                <= CAST(s.as_of - y.inactive_days * INTERVAL '1' DAY AS DATE) THEN 'inactive'
            WHEN t.needed_rank < t.held_rank THEN 'less_usage'
            ELSE 'efficient'
        END AS segment
    FROM metrics.seats AS s
    CROSS JOIN params.policy AS y
    LEFT JOIN metrics.seat_tiers AS t
        ON t.app_id = s.app_id AND t.instance_id = s.instance_id AND t.person_id = s.person_id
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
        WHEN j.is_new THEN 'provisioned less than ' || CAST(j.new_user_days AS VARCHAR) || ' days ago'
        WHEN j.segment IS NULL THEN 'no source tells of activity in this app'
        WHEN j.segment = 'inactive' AND j.has_engagement THEN 'no engaged action in ' || CAST(j.inactive_days AS VARCHAR) || ' days'
        WHEN j.segment = 'inactive' THEN 'no sign-in in ' || CAST(j.inactive_days AS VARCHAR) || ' days; nothing better is known'
        WHEN j.segment = 'less_usage' THEN 'used only features of ' || j.needed_tier
        WHEN j.has_engagement THEN 'uses what the licence is for'
        ELSE 'signs in; nothing better is known'
    END AS reason,
    j.last_active,
    CASE WHEN j.segment = 'less_usage' THEN j.needed_tier END AS suggested_tier,
    CASE
        WHEN j.segment = 'inactive' THEN j.monthly_price
        WHEN j.segment = 'less_usage' AND j.monthly_price > coalesce(p.annual_price / 12, 0)
            THEN CAST(j.monthly_price - coalesce(p.annual_price / 12, 0) AS DECIMAL(18, 2))
    END AS monthly_saving
FROM judged AS j
LEFT JOIN metrics.licence_prices AS p
    ON p.as_of = j.as_of AND p.app_id = j.app_id AND p.tier_key = lower(j.needed_tier)
