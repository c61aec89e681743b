-- description: Which statuses the readings gave each contract line, from when until when, and whether with such a status a contract is in force, has ended, or never began.
-- grain: connection, contract_id, line_ref, line_of, status
-- materialize: accumulate
-- key: connection, contract_id, line_ref, line_of, status
-- latest: last_read
-- least: first_read
SELECT
    r.connection,
    r.contract_id,
    r.line_ref,
    -- What tells lines of one id apart.
    r.line_of,
    r.status,
    CASE
        WHEN r.status IN ('draft', 'in_review', 'pending_signature', 'void', 'declined', 'unknown') THEN 'never'
        WHEN r.status IN ('cancelled', 'terminated', 'expired', 'closed', 'superseded') THEN 'ended'
        ELSE 'in_force'
    END AS state,
    min(r.day) AS first_read,
    max(r.day) AS last_read
FROM (
    SELECT
        s.connection,
        s.contract_id,
        names.line_ref(s.line_id, coalesce(s.app, s.vendor, ''), s.tier) AS line_ref,
        names.line_of(coalesce(s.app, s.vendor, ''), s.tier, s.start_date) AS line_of,
        coalesce(names.underscored(s.status), '') AS status,
        coalesce(s.snapshot_date, CAST(s.read_at AS DATE)) AS day
    FROM staging.contracts__readings AS s
    WHERE s.contract_id IS NOT NULL
) AS r
GROUP BY r.connection, r.contract_id, r.line_ref, r.line_of, r.status
