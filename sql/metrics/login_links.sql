-- description: Sign-in names that are addresses, beside the mail address of the same identity provider user, where the two differ.
-- grain: login
-- materialize: accumulate
-- key: login
-- latest: seen, read_at
SELECT
    login_identifier AS login,
    email_identifier AS email,
    snapshot_date AS seen,
    read_at
FROM staging.idp_users
WHERE login_identifier IS NOT NULL AND email_identifier IS NOT NULL AND login_identifier <> email_identifier
