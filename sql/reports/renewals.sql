-- description: Current contracts by the date on which they end or renew, with the number of licences to renew: the sums of their lines.
-- grain: as_of, contract_id
-- materialize: as_of
-- key: as_of, contract_id
-- column as_of: DATE the numbers are of.
-- column contract_id: The contract.
-- column vendor: The vendor, as sent.
-- column app_id: The app; NULL when the contract is for several or for none that is known.
-- column end_date: DATE on which the current term ends; auto-renewals are rolled forward.
-- column notice_deadline: DATE by which notice is due: end_date minus the notice days. NULL when those are unknown.
-- column notice_state: due (the deadline is today or ahead), missed (it has passed, and the contract renews itself), past_end (it has passed, and the contract ends by itself) or none (no deadline is known).
-- column days_left: Days from as_of to the notice deadline, below 0 when it has passed; to end_date where there is none.
-- column reminder: 90, 60, 30 or 14: the last of those marks that days_left has passed; NULL before the first.
-- column auto_renew: Whether it goes on unless cancelled.
-- column owner_email: Who owns the contract; NULL when unknown.
-- column licences: User licences of its lines. NULL when it has none, or no line says how many.
-- column held: Seats that fill its lines. NULL when one is unknown.
-- column active: People who use them, line by line: see renewal_lines. NULL when one is unknown.
-- column annual_spend: DECIMAL, organisation's currency: user-licence lines, and credits for them. NULL when a price or rate is unknown.
-- column recommended_licences: Licences to renew, the sum of its lines. NULL when one is unknown.
-- column saving_certain: DECIMAL a year, of its lines: what stays saved if everybody who is inactive by sign-ins alone is at work after all. NULL when one is unknown.
-- column saving_likely: DECIMAL a year, of its lines: what rests on sign-ins alone. NULL when one is unknown.
-- column potential_saving: DECIMAL a year: saving_certain plus saving_likely. NULL when they are.
-- column is_stale: Whether a list or the activity behind one of its lines was more than 2 days behind as_of, or never read to the end.
WITH contract AS (
    SELECT
        l.as_of, l.contract_id,
        min(l.vendor) AS vendor,
        CASE WHEN count(DISTINCT l.app_id) = 1 THEN min(l.app_id) END AS app_id,
        min(l.current_end) AS end_date,
        max(CASE WHEN l.auto_renew THEN 1 ELSE 0 END) = 1 AS auto_renew,
        min(l.owner_email) AS owner_email,
        max(l.notice_days) AS notice_days,
        CASE WHEN count(CASE WHEN l.is_user_licence THEN 1 END) = count(CASE WHEN l.is_user_licence THEN l.annual_spend END)
            THEN TRY_CAST(sum(CASE WHEN l.is_user_licence THEN l.annual_spend END) AS DECIMAL(18, 2)) END AS annual_spend
    FROM metrics.contract_lines_current AS l
    INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
    GROUP BY l.as_of, l.contract_id
),
sums AS (
    SELECT
        r.as_of, r.contract_id,
        CAST(sum(r.licences) AS BIGINT) AS licences,
        CASE WHEN count(*) = count(r.held) THEN CAST(sum(r.held) AS BIGINT) END AS held,
        CASE WHEN count(*) = count(r.active) THEN CAST(sum(r.active) AS BIGINT) END AS active,
        CASE WHEN count(*) = count(r.recommended_licences) THEN CAST(sum(r.recommended_licences) AS BIGINT) END AS recommended_licences,
        CASE WHEN count(*) = count(r.saving_certain) THEN TRY_CAST(sum(r.saving_certain) AS DECIMAL(18, 2)) END AS saving_certain,
        CASE WHEN count(*) = count(r.saving_likely) THEN TRY_CAST(sum(r.saving_likely) AS DECIMAL(18, 2)) END AS saving_likely,
        max(CASE WHEN r.is_stale THEN 1 ELSE 0 END) = 1 AS is_stale
    FROM reports.renewal_lines AS r
    INNER JOIN params.as_of_dates AS d ON d.as_of = r.as_of
    GROUP BY r.as_of, r.contract_id
),
dated AS (
    SELECT
        c.*,
        CAST(c.end_date - c.notice_days * INTERVAL '1' DAY AS DATE) AS notice_deadline,
        CAST(date_diff('day', c.as_of, coalesce(CAST(c.end_date - c.notice_days * INTERVAL '1' DAY AS DATE), c.end_date)) AS BIGINT) AS days_left
    FROM contract AS c
)
SELECT
    c.as_of,
    c.contract_id,
    c.vendor,
    c.app_id,
    c.end_date,
    c.notice_deadline,
    CASE
        WHEN c.notice_deadline IS NULL THEN 'none'
        WHEN c.notice_deadline >= c.as_of THEN 'due'
        WHEN c.auto_renew THEN 'missed'
        ELSE 'past_end'
    END AS notice_state,
    c.days_left,
    CAST(CASE
        WHEN c.days_left <= 14 THEN 14
        WHEN c.days_left <= 30 THEN 30
        WHEN c.days_left <= 60 THEN 60
        WHEN c.days_left <= 90 THEN 90
    END AS BIGINT) AS reminder,
    c.auto_renew,
    c.owner_email,
    s.licences,
    s.held,
    s.active,
    c.annual_spend,
    s.recommended_licences,
    s.saving_certain,
    s.saving_likely,
    CAST(s.saving_certain + s.saving_likely AS DECIMAL(18, 2)) AS potential_saving,
    coalesce(s.is_stale, false) AS is_stale
FROM dated AS c
LEFT JOIN sums AS s ON s.as_of = c.as_of AND s.contract_id = c.contract_id
