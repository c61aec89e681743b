-- feed: sso_assignments
-- shape: snapshot
-- description: Who is assigned to which application in the identity provider, one row per person, application and snapshot.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
--   source_app_id VARCHAR, app VARCHAR, instance VARCHAR, source_user_id VARCHAR, email VARCHAR,
--   assigned_via VARCHAR, groups VARCHAR, status VARCHAR
--
-- What a source's words say is looked up here. An assignment in a state that no list knows does not count, and is named; no word means assigned.
SELECT
    r.* REPLACE (coalesce(w.meaning, r.assigned_via) AS assigned_via, CASE WHEN r.status IS NULL THEN 'assigned' ELSE s.meaning END AS status),
    names.slug(app) AS app_key,
    nullif(trim(instance), '') AS instance_key,
    coalesce(nullif(lower(trim(email)), ''), r.connection || ':' || source_user_id) AS identifier,
    CASE WHEN coalesce(nullif(trim(r.email), ''), r.source_user_id) IS NULL THEN 'no_person' WHEN s.meaning = 'not_assigned' THEN 'not_assigned' WHEN r.status IS NOT NULL AND s.meaning IS NULL THEN 'unknown_status' END AS aside,
    coalesce(r.email, r.source_user_id) || coalesce(' in ' || r.app, '') || CASE WHEN r.status IS NOT NULL AND s.meaning IS NULL THEN ' is "' || r.status || '"' ELSE '' END AS named
FROM staging.sso_assignments__rows AS r
LEFT JOIN names.words AS w
    ON w.connection = r.connection AND w.vocabulary = 'assigned_via' AND r.assigned_via NOT IN ('direct', 'group')
    AND w.word_key = names.word_key(r.assigned_via)
LEFT JOIN names.words AS s
    ON s.connection = r.connection AND s.vocabulary = 'assignment_status' AND s.word_key = names.word_key(r.status)
