-- description: Which seat fills which line of a current contract on each report date, whether it is used, and whether it is kept: the rows behind contract_usage, renewal_lines and renewals.
-- grain: as_of, contract_id, line_id, seat
-- materialize: as_of
-- key: as_of, contract_id, line_id, seat
-- column as_of: DATE of the report.
-- column contract_id: The contract.
-- column line_id: The line.
-- column app_id: The app.
-- column instance_id: The app's instance that the seat is in.
-- column seat: Connection, instance and account where a roster is known, else the person.
-- column account_id: The account; NULL where people are counted.
-- column person_id: The person, see core.people.
-- column tier: The licence type held; NULL when unknown.
-- column is_active: Whether the person was engaged in 30 days, or signed in where only that is known.
-- column is_engaged: Whether the person was engaged in 30 days.
-- column last_engaged: DATE of the last engaged action; NULL when there was none in 120 days.
-- column last_login: DATE of the last sign-in; NULL when there was none in 120 days.
-- column decision: keep, release (the person has left or is inactive) or unknown (no source tells of the whole window).
-- column is_certain: Whether a release rests on more than sign-ins; NULL for others.
-- column is_paid: Whether the seat is within the licences bought. NULL when the line does not say how many.
SELECT
    s.as_of, s.contract_id, s.line_id, s.app_id, s.instance_id, s.seat, s.account_id, s.person_id, s.tier,
    s.is_active, s.is_engaged, s.last_engaged, s.last_login, s.decision,
    CASE WHEN s.decision = 'release' THEN s.is_certain END AS is_certain,
    s.is_paid
FROM metrics.line_seats AS s
INNER JOIN params.as_of_dates AS d ON d.as_of = s.as_of
WHERE s.contract_id IS NOT NULL
