-- description: What could be saved in each app, split by how: seats to take back, seats to downgrade, licences that nobody holds. Nobody saves what nobody pays: seats beyond the licences bought and those of free tiers save nothing.
-- grain: as_of, app_id, instance_id, kind
-- materialize: table
-- key: as_of, app_id, instance_id, kind
-- column as_of: DATE of the run.
-- column app_id: The app. Those that everybody is meant to have (birthright: true in the configuration) are left out, and instances that are left out of the app's numbers.
-- column instance_id: The app's instance; NULL for licences of the app as a whole.
-- column kind: deprovision (reclaim candidates whose seat can go), downgrade (those for whom a lower tier would do) or unused_licence (bought and held by nobody). Exempt people are left out.
-- column quantity: Seats whose licence comes free, or licences of kind unused_licence.
-- column seats_beyond: Seats that could go too, but are beyond the licences bought: that avoids a true-up and saves nothing now. 0 for kind unused_licence.
-- column monthly_saving: DECIMAL a month, organisation's currency: certain plus likely. Those without a known price are left out; NULL when none has one.
-- column certain: DECIMAL a month: of people who have left, are known not to have used it, or never signed in, and of licences that nobody holds. NULL with monthly_saving.
-- column likely: DECIMAL a month: what rests on sign-ins alone, because a session can outlive the window. NULL with monthly_saving.
-- column is_stale: Whether a list or the activity behind one of the seats was more than 2 days behind as_of or never read to the end.
WITH parts AS (
    SELECT r.as_of, r.app_id, r.instance_id, r.action AS kind, r.seats, r.seats_beyond, r.monthly_saving, r.is_certain, r.is_stale
    FROM metrics.advised_savings AS r
    INNER JOIN params.run AS q ON q.as_of = r.as_of
    WHERE NOT r.is_exempt AND r.seats + r.seats_beyond > 0
    UNION ALL
    SELECT
        h.as_of, h.app_id, h.instance_id, 'unused_licence', CAST(h.licences - h.held AS BIGINT), 0,
        CAST(CAST(h.annual_spend * CAST(h.licences - h.held AS BIGINT) / (12 * h.licences) AS DECIMAL(28, 8)) AS DECIMAL(18, 2)), h.is_held_certain, h.is_stale
    FROM metrics.line_holdings AS h
    INNER JOIN params.run AS q ON q.as_of = h.as_of
    WHERE h.licences > h.held
)
SELECT
    p.as_of,
    p.app_id,
    p.instance_id,
    p.kind,
    CAST(sum(p.seats) AS BIGINT) AS quantity,
    CAST(sum(p.seats_beyond) AS BIGINT) AS seats_beyond,
    TRY_CAST(sum(p.monthly_saving) AS DECIMAL(18, 2)) AS monthly_saving,
    TRY_CAST(CASE WHEN count(p.monthly_saving) > 0 THEN coalesce(sum(CASE WHEN p.is_certain THEN p.monthly_saving END), 0) END AS DECIMAL(18, 2)) AS certain,
    TRY_CAST(CASE WHEN count(p.monthly_saving) > 0 THEN coalesce(sum(CASE WHEN NOT p.is_certain THEN p.monthly_saving END), 0) END AS DECIMAL(18, 2)) AS likely,
    max(CASE WHEN p.is_stale THEN 1 ELSE 0 END) = 1 AS is_stale
FROM parts AS p
LEFT JOIN params.excluded_instances AS x ON x.app_id = p.app_id AND x.instance_id = p.instance_id
LEFT JOIN params.app_policy AS b ON b.app_id = p.app_id AND b.is_birthright
WHERE x.instance_id IS NULL AND b.app_id IS NULL
GROUP BY p.as_of, p.app_id, p.instance_id, p.kind
