-- description: What could be saved in each app, split by how: seats to take back, seats to downgrade, licences that nobody holds.
-- grain: as_of, app_id, instance_id, kind
-- materialize: table
-- key: as_of, app_id, instance_id, kind
-- column as_of: DATE of the run.
-- column app_id: The app.
-- column instance_id: The app's instance; NULL for licences of the app as a whole.
-- column kind: deprovision (reclaim candidates whose seat can go), downgrade (those for whom a lower tier would do) or unused_licence (bought and held by nobody). Exempt people are left out.
-- column quantity: People, or licences of kind unused_licence.
-- column monthly_saving: DECIMAL a month, organisation's currency. Those without a known price are left out; NULL when none has one.
SELECT
    r.as_of,
    r.app_id,
    r.instance_id,
    r.action AS kind,
    count(*) AS quantity,
    CAST(sum(r.monthly_saving) AS DECIMAL(18, 2)) AS monthly_saving
FROM reports.reclaim_candidates AS r
WHERE NOT r.is_exempt
GROUP BY r.as_of, r.app_id, r.instance_id, r.action
UNION ALL
SELECT
    u.as_of,
    u.app_id,
    u.instance_id,
    'unused_licence',
    CAST(sum(u.unused_licences) AS BIGINT),
    CAST(sum(CAST(CAST(u.annual_spend * u.unused_licences / (12 * u.licences) AS DECIMAL(28, 8)) AS DECIMAL(18, 2))) AS DECIMAL(18, 2))
FROM reports.contract_usage AS u
INNER JOIN params.run AS q ON q.as_of = u.as_of
WHERE u.unused_licences > 0 AND u.app_id IS NOT NULL
GROUP BY u.as_of, u.app_id, u.instance_id
