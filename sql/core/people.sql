-- description: One row per person with today's attributes. Service accounts are listed with person_type service_account and are counted nowhere.
-- grain: person_id
-- materialize: table
-- key: person_id
-- column person_id: Stable id: the address under which the person was first known, lower case.
-- column primary_email: The address HR uses now; without HR the person's own address. NULL when only an account id is known.
-- column display_name: Name as HR writes it; NULL when unknown.
-- column first_name: As HR writes it; NULL when unknown.
-- column last_name: As HR writes it; NULL when unknown.
-- column person_type: employee (HR lists them), external (no HR record, such as contractors), shared_account (an address that HR gives to several people: it holds seats of its own and is nobody in particular), service_account.
-- column title: Job title; NULL when unknown.
-- column team: Team; NULL when unknown.
-- column department: Department; NULL when unknown.
-- column location: Location; NULL when unknown.
-- column cost_centre: Cost centre; NULL when unknown.
-- column manager_person_id: The manager's person_id; NULL for the top or when unknown.
-- column start_date: DATE of joining; NULL when unknown.
-- column termination_date: DATE of leaving; of those whose last day HR does not say, the date of the first list that calls them gone or no longer names them. NULL while employed or unknown.
-- column is_employed: Whether HR's newest snapshot says the person works here; NULL for people HR does not know.
-- column first_seen: DATE on which any source first named the person.
SELECT
    i.person_id,
    coalesce(max(o.identifier), CASE WHEN i.person_id LIKE '%@%' AND i.person_id NOT LIKE 'service:%' THEN i.person_id END) AS primary_email,
    max(o.display_name) AS display_name,
    max(o.first_name) AS first_name,
    max(o.last_name) AS last_name,
    CASE
        WHEN i.person_id LIKE 'service:%' THEN 'service_account'
        WHEN max(CASE WHEN i.is_in_hr THEN 1 ELSE 0 END) = 1 THEN 'employee'
        WHEN max(CASE WHEN a.identifier IS NOT NULL THEN 1 ELSE 0 END) = 1 THEN 'shared_account'
        ELSE 'external'
    END AS person_type,
    max(o.title) AS title,
    max(o.team) AS team,
    max(o.department) AS department,
    max(o.location) AS location,
    max(o.cost_centre) AS cost_centre,
    max(m.person_id) AS manager_person_id,
    max(o.start_date) AS start_date,
    max(o.last_day) AS termination_date,
    max(CASE WHEN o.person_id IS NOT NULL THEN o.is_employed AND o.is_in_newest END) AS is_employed,
    min(i.first_seen) AS first_seen
FROM metrics.identity AS i
LEFT JOIN metrics.org_current AS o ON o.person_id = i.person_id
LEFT JOIN metrics.identity AS m ON m.identifier = o.manager_identifier
LEFT JOIN metrics.hr_shared_addresses AS a ON a.identifier = i.identifier
GROUP BY i.person_id
