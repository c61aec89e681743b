-- description: What could show somebody's use of an instance on each report date: the connected sources of engagement and of sign-ins, since when they tell, and whether all of them reach the date. A log of sign-ins tells of every app that its identity provider assigns, of those too that nobody signed in to.
-- grain: as_of, app_id, instance_id, kind
-- materialize: as_of
-- key: as_of, app_id, instance_id, kind
WITH logs AS (
    SELECT s.connection, c.idp, c.disconnected_on, s.first_date
    FROM (SELECT connection, min(first_date) AS first_date FROM metrics.sources WHERE kind = 'logins' GROUP BY connection) AS s
    INNER JOIN params.connections AS c ON c.connection = s.connection
),
-- The log of the connection that lists the assignments; where it has none, those of the same identity provider.
assigning AS (
    SELECT s.app_id, s.instance_id, s.first_date AS assigned_since, l.connection, l.first_date, l.disconnected_on
    FROM metrics.sources AS s
    INNER JOIN logs AS l ON l.connection = s.connection
    WHERE s.kind = 'assignments'
    UNION
    SELECT s.app_id, s.instance_id, s.first_date, l.connection, l.first_date, l.disconnected_on
    FROM metrics.sources AS s
    LEFT JOIN logs AS o ON o.connection = s.connection
    INNER JOIN logs AS l ON l.idp = s.idp
    WHERE s.kind = 'assignments' AND o.connection IS NULL
),
telling AS (
    SELECT DISTINCT d.as_of, s.app_id, s.instance_id, s.kind, s.connection, s.disconnected_on, coalesce(l.first_date, s.first_date) AS first_date
    FROM params.as_of_dates AS d
    INNER JOIN metrics.sources AS s ON s.kind IN ('engagement', 'logins') AND s.first_date <= d.as_of
    LEFT JOIN logs AS l ON s.kind = 'logins' AND l.connection = s.connection
    UNION
    SELECT d.as_of, a.app_id, a.instance_id, 'logins', a.connection, a.disconnected_on, a.first_date
    FROM params.as_of_dates AS d
    INNER JOIN assigning AS a ON a.assigned_since <= d.as_of AND a.first_date <= d.as_of
),
connected AS (
    SELECT
        t.as_of, t.app_id, t.instance_id, t.kind,
        min(t.connection) AS connection,
        min(t.first_date) AS first_date,
        max(CASE WHEN r.fresh_until >= t.as_of THEN 0 ELSE 1 END) = 0 AS is_fresh,
        min(CASE WHEN r.fresh_until >= t.as_of THEN NULL ELSE t.connection END) AS late_connection,
        CASE WHEN count(*) = count(r.known_until) THEN min(r.known_until) END AS known_until
    FROM telling AS t
    LEFT JOIN metrics.source_reach AS r
        ON r.connection = t.connection AND r.feed = CASE WHEN t.kind = 'logins' THEN 'sso_logins' ELSE 'engagement' END
    WHERE t.disconnected_on IS NULL OR t.as_of <= t.disconnected_on
    GROUP BY t.as_of, t.app_id, t.instance_id, t.kind
),
-- A source that was replaced without a gap tells of the time before.
replaced AS (
    SELECT t.as_of, t.app_id, t.instance_id, t.kind, min(t.first_date) AS first_date
    FROM telling AS t
    INNER JOIN connected AS c ON c.as_of = t.as_of AND c.app_id = t.app_id AND c.instance_id = t.instance_id AND c.kind = t.kind
    WHERE t.disconnected_on < t.as_of AND t.disconnected_on >= CAST(c.first_date - INTERVAL '1' DAY AS DATE)
    GROUP BY t.as_of, t.app_id, t.instance_id, t.kind
)
SELECT
    c.as_of, c.app_id, c.instance_id, c.kind, c.connection,
    CASE WHEN r.first_date < c.first_date THEN r.first_date ELSE c.first_date END AS first_date,
    c.is_fresh, c.late_connection, c.known_until
FROM connected AS c
LEFT JOIN replaced AS r ON r.as_of = c.as_of AND r.app_id = c.app_id AND r.instance_id = c.instance_id AND r.kind = c.kind
