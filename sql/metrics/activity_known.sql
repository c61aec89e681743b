-- description: From which day on it is known, up to each report date, who used an instance: by engagement where a source tells of it, else by sign-ins. known_since is NULL where a source does not reach the date: nobody can be called inactive then. No row where no source tells of activity.
-- grain: as_of, app_id, instance_id
-- materialize: as_of
-- key: as_of, app_id, instance_id
SELECT
    s.as_of, s.app_id, s.instance_id, s.kind, s.first_date, s.is_fresh, s.late_connection, s.known_until,
    CASE WHEN s.is_fresh THEN s.first_date END AS known_since,
    CASE WHEN s.kind = 'engagement' THEN 'engagement of ' ELSE 'sign-ins of ' END || coalesce(s.late_connection, s.connection)
        || CASE WHEN s.kind = 'engagement' THEN ' is' ELSE ' are' END
        || CASE
            WHEN s.is_fresh THEN ' known since ' || CAST(s.first_date AS VARCHAR) || ' only'
            ELSE coalesce(' known until ' || CAST(s.known_until AS VARCHAR) || ' only', ' not known: never read to the end')
        END AS gap
FROM (
    SELECT a.*, row_number() OVER (PARTITION BY a.as_of, a.app_id, a.instance_id ORDER BY a.kind) AS choice
    FROM metrics.activity_sources AS a
    INNER JOIN params.as_of_dates AS d ON d.as_of = a.as_of
) AS s
WHERE s.choice = 1
