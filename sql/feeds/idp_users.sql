-- feed: idp_users
-- shape: snapshot
-- description: The identity provider's own users, one row per user and snapshot.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
--   source_user_id VARCHAR, email VARCHAR, login VARCHAR, display_name VARCHAR, status VARCHAR
SELECT
    r.* REPLACE (CASE WHEN r.status IS NULL THEN 'active' ELSE w.meaning END AS status),
    nullif(lower(trim(email)), '') AS email_identifier,
    CASE WHEN contains(login, '@') THEN nullif(lower(trim(login)), '') END AS login_identifier,
    CASE WHEN r.source_user_id IS NULL THEN 'no_id' END AS aside,
    coalesce(r.email, r.login, r.source_user_id) AS named
FROM staging.idp_users__rows AS r
LEFT JOIN names.words AS w
    ON w.connection = r.connection AND w.vocabulary = 'account_status' AND w.word_key = names.word_key(r.status)
