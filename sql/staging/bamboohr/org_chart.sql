-- feed: org_chart
-- stream: employees
-- description: Employees of BambooHR, active and inactive, with manager and last day.
--
-- Termination dates come from a stream of their own, of the same date, and may not be permitted.
-- An inactive employee without one has left, on a day that is not known: nothing stands in for it.
-- BambooHR writes unknown dates as 0000-00-00 or nothing. Who is hired on a day to come is Inactive there until then,
-- which says nothing of leaving.
WITH employee AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, seq, record_id,
        list_transform(
            json_extract_string(payload, ['$.firstName', '$.lastName', '$.preferredName', '$.jobTitleName', '$.status',
                '$.workEmail', '$.bestEmail', '$.hireDate', '$.divisionName', '$.departmentName', '$.locationName', '$.reportsToId', '$.homeEmail']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f
    FROM raw.bamboohr__employees
),
leaver AS (
    SELECT connection, snapshot_date, parent_id,
        TRY_CAST(json_extract_string(payload, '$.terminationDate') AS DATE) AS termination_date
    FROM raw.bamboohr__leavers
    QUALIFY row_number() OVER (PARTITION BY connection, snapshot_date, parent_id ORDER BY read_at DESC, seq DESC) = 1
),
dated AS (
    SELECT e.*, l.termination_date,
        coalesce(lower(e.f[5]) = 'inactive' AND TRY_CAST(e.f[8] AS DATE) > e.snapshot_date, FALSE) AS is_to_come
    FROM employee AS e
    LEFT JOIN leaver AS l
        ON e.connection = l.connection AND e.snapshot_date = l.snapshot_date AND e.record_id = l.parent_id
),
-- Somebody who changes status while the list is being read may be listed twice.
manager AS (
    SELECT snapshot_id, record_id, min(f[6]) AS email
    FROM employee
    GROUP BY snapshot_id, record_id
)
SELECT
    d.connection, d.snapshot_id, d.snapshot_date, d.read_at, d.seq,
    d.record_id AS source_person_id,
    CASE WHEN d.f[6] LIKE '%_@_%' THEN d.f[6] WHEN d.f[7] LIKE '%_@_%' THEN d.f[7] END AS email,
    CASE
        WHEN d.f[13] LIKE '%_@_%' AND lower(d.f[13]) IS DISTINCT FROM lower(CASE WHEN d.f[6] LIKE '%_@_%' THEN d.f[6] ELSE d.f[7] END) THEN d.f[13]
    END AS additional_emails,
    d.f[1] AS first_name,
    d.f[2] AS last_name,
    nullif(concat_ws(' ', coalesce(d.f[3], d.f[1]), d.f[2]), '') AS display_name,
    d.f[4] AS title,
    coalesce(d.f[10], d.f[9]) AS team,
    d.f[10] AS department,
    d.f[11] AS location,
    CASE WHEN m.email LIKE '%_@_%' THEN m.email END AS manager_email,
    nullif(d.f[12], '0') AS manager_source_id,
    TRY_CAST(d.f[8] AS DATE) AS start_date,
    CASE WHEN lower(d.f[5]) = 'inactive' AND NOT d.is_to_come THEN d.termination_date END AS termination_date,
    CASE WHEN NOT d.is_to_come THEN d.f[5] END AS status
FROM dated AS d
LEFT JOIN manager AS m ON d.snapshot_id = m.snapshot_id AND d.f[12] = m.record_id
