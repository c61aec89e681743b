-- description: The e-mail address behind an identifier that is none: the account's or user's newest one.
-- grain: identifier
-- materialize: accumulate
-- key: identifier
-- latest: seen, read_at
SELECT u.identifier, u.email, u.seen, u.read_at
FROM (
    SELECT
        connection || ':' || source_user_id AS identifier,
        coalesce(email_identifier, login_identifier) AS email,
        snapshot_date AS seen,
        read_at
    FROM staging.idp_users
    UNION ALL
    SELECT connection || ':' || account_id, lower(trim(email)), snapshot_date, read_at
    FROM staging.roster
) AS u
WHERE u.identifier IS NOT NULL AND u.email IS NOT NULL AND u.email <> ''
