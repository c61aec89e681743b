-- feed: idp_users
-- shape: snapshot
-- description: The identity provider's own users, one row per user and snapshot.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
--   source_user_id VARCHAR, email VARCHAR, login VARCHAR, display_name VARCHAR, status VARCHAR
SELECT
    *,
    nullif(lower(trim(email)), '') AS email_identifier,
    CASE WHEN contains(login, '@') THEN nullif(lower(trim(login)), '') END AS login_identifier
FROM staging.idp_users__rows
