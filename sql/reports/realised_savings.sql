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
-- column is_stale: Whether what the recommendations rested on was more than 2 days behind recommended_on, or today's list of seats is behind as_of, or either was never read to the end.
WITH held AS (
    SELECT s.instance_no, s.person_no, s.held_rank
    FROM metrics.seats AS s
    INNER JOIN params.run AS q ON q.as_of = s.as_of
),
judged AS (
    SELECT
        r.as_of AS recommended_on, r.instance_no, r.action, r.monthly_saving, r.is_stale,
        CASE WHEN h.person_no IS NULL OR (r.action = 'downgrade' AND h.held_rank < r.held_rank) THEN 1 ELSE 0 END AS done
    FROM metrics.advised_savings AS r
    CROSS JOIN params.run AS q
    LEFT JOIN held AS h ON h.instance_no = r.instance_no AND h.person_no = r.person_no
    WHERE r.as_of < q.as_of AND NOT r.is_exempt
),
counted AS (
    SELECT
        recommended_on, instance_no, action,
        count(*) AS recommended_people,
        sum(done) AS done_people,
        sum(monthly_saving) AS recommended_saving,
        sum(CASE WHEN done = 1 THEN monthly_saving END) AS realised_saving,
        max(CASE WHEN is_stale THEN 1 ELSE 0 END) = 1 AS is_stale
    FROM judged
    GROUP BY recommended_on, instance_no, action
)
SELECT
    q.as_of,
    c.recommended_on,
    i.app_id,
    i.instance_id,
    c.action AS kind,
    c.recommended_people,
    CAST(CASE WHEN b.basis IS NOT NULL THEN c.done_people END AS BIGINT) AS done_people,
    CAST(c.recommended_saving AS DECIMAL(18, 2)) AS recommended_saving,
    CAST(CASE WHEN b.basis IS NOT NULL AND c.recommended_saving IS NOT NULL THEN coalesce(c.realised_saving, 0) END AS DECIMAL(18, 2)) AS realised_saving,
    c.is_stale OR coalesce(b.is_stale, false) AS is_stale
FROM counted AS c
CROSS JOIN params.run AS q
INNER JOIN metrics.instance_numbers AS n ON n.instance_no = c.instance_no
INNER JOIN metrics.instances AS i ON i.instance_key = n.instance_key
LEFT JOIN metrics.provision_basis AS b
    ON b.as_of = q.as_of AND b.instance_no = c.instance_no
    AND b.basis IN ('connector_exact', 'sso_assigned', 'sso_assigned_estimated')
