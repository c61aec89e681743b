-- description: Each user-licence line of each current contract: who holds it, who uses it, and how many licences to renew. A line never counts people of another tier or instance.
-- grain: as_of, contract_id, line_id
-- materialize: as_of
-- key: as_of, contract_id, line_id
-- column as_of: DATE the numbers are of.
-- column contract_id: The contract.
-- column line_id: The line.
-- column app_id: The app; NULL when the line's app is not known.
-- column instance_id: The app's instance; NULL when the line is for the app as a whole.
-- column tier: The licence type; NULL when the line names none.
-- column licences: Licences bought; NULL when the contract does not say.
-- column held: Seats that fill the line, as in contract_usage. NULL when unknown.
-- column active: Of those who hold one, the people engaged in 30 days, or signed in where only that is known; 0 where nobody holds one. NULL when nothing tells.
-- column right_sized: Seats to keep: all but those of people who have left or are inactive; exempt and new people keep theirs. NULL when that is not known of all.
-- column recommended_licences: right_sized plus the buffer, in percent of the active people, rounded up to the step. NULL when right_sized is, and when seats are kept but nothing tells who is active.
-- column annual_spend: DECIMAL a year, organisation's currency. NULL when the price or rate is unknown.
-- column saving_certain: DECIMAL a year: licences beyond the recommendation that stay beyond it if all who are inactive by sign-ins alone are at work after all. NULL when unknown.
-- column saving_likely: DECIMAL a year: the other licences beyond the recommendation. NULL when unknown.
-- column basis: The rule behind held, of several instances the weakest; none when unknown.
-- column is_stale: Whether a list or the activity behind the row was more than 2 days behind as_of, or never read to the end.
WITH wanted AS (
    SELECT
        h.*, y.licence_step, y.buffer_percent,
        -- Hundredths of licences, in whole numbers.
        CAST(h.kept AS BIGINT) * 100 + h.buffered * y.buffer_percent AS need,
        CAST(h.kept + h.likely AS BIGINT) * 100 + h.buffered * y.buffer_percent AS need_at_most
    FROM (
        -- Where nobody stays, whoever was active or not, there is nobody to keep spare licences for unless it is known of somebody.
        SELECT l.*, CAST(CASE WHEN l.kept = 0 THEN coalesce(l.active, 0) ELSE l.active END AS BIGINT) AS buffered FROM metrics.line_holdings AS l
    ) AS h
    INNER JOIN params.as_of_dates AS d ON d.as_of = h.as_of
    CROSS JOIN params.policy AS y
),
rounded AS (
    SELECT
        w.*,
        CAST((w.need + CASE WHEN mod(w.need, 100 * w.licence_step) > 0 THEN 100 * w.licence_step - mod(w.need, 100 * w.licence_step) ELSE 0 END) / 100 AS BIGINT) AS recommended,
        CAST((w.need_at_most + CASE WHEN mod(w.need_at_most, 100 * w.licence_step) > 0 THEN 100 * w.licence_step - mod(w.need_at_most, 100 * w.licence_step) ELSE 0 END) / 100 AS BIGINT) AS at_most
    FROM wanted AS w
),
saved AS (
    SELECT
        r.*,
        CASE WHEN r.licences > 0 AND r.recommended IS NOT NULL THEN
            CAST(CAST(r.annual_spend * greatest(r.licences - r.recommended, 0) / r.licences AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS saving,
        CASE
            WHEN r.recommended IS NULL THEN NULL
            WHEN r.licences > 0 AND r.is_held_certain THEN
                CAST(CAST(r.annual_spend * greatest(r.licences - r.at_most, 0) / r.licences AS DECIMAL(28, 8)) AS DECIMAL(18, 2))
            WHEN r.licences > 0 THEN CAST(0 AS DECIMAL(18, 2))
        END AS certain
    FROM rounded AS r
)
SELECT
    l.as_of,
    l.contract_id,
    l.line_id,
    l.app_id,
    l.instance_id,
    l.tier,
    l.licences,
    CAST(s.held AS BIGINT) AS held,
    CAST(s.active AS BIGINT) AS active,
    CAST(s.kept AS BIGINT) AS right_sized,
    s.recommended AS recommended_licences,
    l.annual_spend,
    CASE WHEN s.saving IS NOT NULL THEN s.certain END AS saving_certain,
    CAST(s.saving - s.certain AS DECIMAL(18, 2)) AS saving_likely,
    coalesce(s.basis, 'none') AS basis,
    coalesce(s.is_stale, false) AS is_stale
FROM metrics.contract_lines_current AS l
INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
LEFT JOIN saved AS s ON s.as_of = l.as_of AND s.contract_id = l.contract_id AND s.line_id = l.line_id
WHERE l.is_user_licence AND NOT l.is_credit
