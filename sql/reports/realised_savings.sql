-- description: What became of the recommendations of earlier report dates: how many of the people were deprovisioned or downgraded since, and what that saves.
-- grain: as_of, recommended_on, app_id, instance_id, kind
-- materialize: table
-- key: as_of, recommended_on, app_id, instance_id, kind
-- column as_of: DATE of the run.
-- column recommended_on: DATE of the earlier report, the end of one of the twelve months before. Its recommendations are computed anew from the history, with today's rules and exempt lists.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column kind: deprovision or downgrade.
-- column recommended_people: People for whom it was recommended.
-- column done_people: Of them, those who hold no seat now, or (downgrade) one of a lower tier. NULL when nothing tells any more who holds a seat.
-- column recommended_saving: DECIMAL a month at the prices of recommended_on, organisation's currency. Those without a known price are left out; NULL when none has one.
-- column realised_saving: DECIMAL a month, the part of recommended_saving that is of done_people; 0 when none is. NULL when recommended_saving or done_people is.
WITH past AS (
    SELECT q.as_of, r.as_of AS recommended_on, r.app_id, r.instance_id, r.instance_no, r.person_no, r.action, r.held_rank, r.monthly_saving
    FROM metrics.recommendations AS r
    CROSS JOIN params.run AS q
    WHERE r.as_of < q.as_of AND NOT r.is_exempt
),
judged AS (
    SELECT
        p.*,
        b.basis IS NOT NULL AS is_known,
        CASE WHEN s.person_no IS NULL OR (p.action = 'downgrade' AND s.held_rank < p.held_rank) THEN 1 ELSE 0 END AS done
    FROM past AS p
    LEFT JOIN reports.provisioned_users_daily AS b
        ON b.date = p.as_of AND b.app_id = p.app_id AND b.instance_id = p.instance_id
        AND b.basis IN ('connector_exact', 'sso_assigned', 'sso_assigned_estimated')
    LEFT JOIN metrics.seats AS s
        ON s.as_of = p.as_of AND s.instance_no = p.instance_no AND s.person_no = p.person_no
)
SELECT
    as_of,
    recommended_on,
    app_id,
    instance_id,
    action AS kind,
    count(*) AS recommended_people,
    CAST(CASE WHEN is_known THEN sum(done) END AS BIGINT) AS done_people,
    CAST(sum(monthly_saving) AS DECIMAL(18, 2)) AS recommended_saving,
    CAST(CASE WHEN is_known AND sum(monthly_saving) IS NOT NULL THEN coalesce(sum(CASE WHEN done = 1 THEN monthly_saving END), 0) END AS DECIMAL(18, 2)) AS realised_saving
FROM judged
GROUP BY as_of, recommended_on, app_id, instance_id, action, is_known
