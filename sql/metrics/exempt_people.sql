-- description: People whose licences are never touched: for every app (app_id empty) or for one.
-- grain: app_id, person_id
-- materialize: table
-- key: app_id, person_id
SELECT DISTINCT
    coalesce(a.app_id, u.app_key, '') AS app_id,
    coalesce(i.person_id, u.identifier) AS person_id
FROM (
    SELECT e.identifier, coalesce(e.app_key, c.app_key) AS app_key
    FROM staging.exempt AS e
    INNER JOIN params.connections AS c ON c.connection = e.connection
    WHERE e.identifier IS NOT NULL
    UNION ALL
    SELECT email, app_id FROM params.exempt
) AS u
LEFT JOIN names.app_aliases AS a ON a.app_key = u.app_key
LEFT JOIN metrics.identity AS i ON i.identifier = u.identifier
