-- description: The organisation as HR knew it, one set per whole snapshot; each is the truth from its date until the next.
-- grain: connection, snapshot_date, person_id
-- materialize: snapshot
-- snapshots: org_chart
-- date: snapshot_date
-- person: identifier, person_id
-- column connection: The HR connection.
-- column snapshot_date: DATE of the snapshot, organisation's time zone.
-- column identifier: The person's primary address at that time, lower case.
-- column person_id: The person, see core.people.
-- column source_person_id: HR's own id of the person; NULL when the source has none.
-- column email: The primary address as sent.
-- column first_name: As sent; NULL when unknown.
-- column last_name: As sent; NULL when unknown.
-- column display_name: As sent, else first and last name.
-- column title: Job title; NULL when unknown.
-- column team: Team; NULL when unknown.
-- column department: Department; NULL when unknown.
-- column location: Location; NULL when unknown.
-- column cost_centre: Cost centre; NULL when unknown.
-- column manager_identifier: The manager's address at that time, lower case; NULL for the top or when unknown.
-- column start_date: DATE of joining; NULL when unknown.
-- column termination_date: DATE of leaving; NULL while employed, and where the source does not say the day.
-- column is_employed: Whether the person worked here on the snapshot's date: not terminated on or before it, and not called gone by the source.
-- column unknown_status: The source's word for how the person stands where no list knows it; such a person counts as employed. NULL otherwise.
SELECT
    s.connection,
    s.snapshot_date,
    s.identifier,
    s.person_id,
    s.source_person_id,
    s.email,
    s.first_name,
    s.last_name,
    coalesce(nullif(s.display_name, ''), nullif(trim(coalesce(s.first_name, '') || ' ' || coalesce(s.last_name, '')), '')) AS display_name,
    s.title,
    s.team,
    s.department,
    s.location,
    s.cost_centre,
    coalesce(s.manager_identifier, b.identifier) AS manager_identifier,
    s.start_date,
    s.termination_date,
    coalesce(s.termination_date > s.snapshot_date, NOT coalesce(s.has_left, false)) AS is_employed,
    s.unknown_status
FROM (
    SELECT o.*, i.person_id,
        row_number() OVER (
            PARTITION BY o.connection, o.snapshot_date, i.person_id
            ORDER BY CASE WHEN o.has_left THEN 1 ELSE 0 END, o.termination_date DESC NULLS FIRST, o.read_at DESC, o.seq DESC, o.source_person_id, o.identifier
        ) AS rank
    FROM staging.org_chart AS o
    INNER JOIN metrics.identity AS i ON i.identifier = o.identifier
    WHERE o.is_current
) AS s
INNER JOIN params.connections AS c ON c.connection = s.connection
LEFT JOIN (
    SELECT connection, snapshot_id, snapshot_date, source_person_id, min(identifier) AS identifier
    FROM staging.org_chart
    WHERE source_person_id IS NOT NULL
    GROUP BY connection, snapshot_id, snapshot_date, source_person_id
) AS b
    ON b.connection = s.connection AND b.snapshot_id = s.snapshot_id AND b.snapshot_date = s.snapshot_date
    AND b.source_person_id = s.manager_source_id
WHERE s.rank = 1 AND (c.disconnected_on IS NULL OR s.snapshot_date <= c.disconnected_on)
