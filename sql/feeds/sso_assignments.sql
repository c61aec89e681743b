-- feed: sso_assignments
-- shape: snapshot
-- description: Who is assigned to which application in the identity provider, one row per person, application and snapshot.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
--   source_app_id VARCHAR, app VARCHAR, instance VARCHAR, source_user_id VARCHAR, email VARCHAR,
--   assigned_via VARCHAR, groups VARCHAR
SELECT
    r.* REPLACE (coalesce(w.meaning, r.assigned_via) AS assigned_via),
    nullif(trim(regexp_replace(lower(app), '[^\p{L}\p{N}]+', '-', 'g'), '-'), '') AS app_key,
    nullif(trim(instance), '') AS instance_key,
    coalesce(nullif(lower(trim(email)), ''), r.connection || ':' || source_user_id) AS identifier,
    CASE WHEN coalesce(nullif(trim(r.email), ''), r.source_user_id) IS NULL THEN 'no_person' END AS aside,
    coalesce(r.email, r.source_user_id) || coalesce(' in ' || r.app, '') AS named
FROM staging.sso_assignments__rows AS r
LEFT JOIN names.words AS w
    ON w.connection = r.connection AND w.vocabulary = 'assigned_via' AND r.assigned_via NOT IN ('direct', 'group')
    AND w.word_key = names.word_key(r.assigned_via)
