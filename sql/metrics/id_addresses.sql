-- description: The addresses under which identity providers ever showed each of their users: an id stays when a name changes.
-- grain: identifier, address
-- materialize: accumulate
-- key: identifier, address
-- least: first_seen
SELECT
    u.identifier,
    u.address,
    min(u.seen) AS first_seen
FROM (
    SELECT connection || ':' || source_user_id AS identifier, coalesce(email_identifier, login_identifier) AS address, snapshot_date AS seen
    FROM staging.idp_users
    UNION ALL
    SELECT connection || ':' || source_user_id, nullif(lower(trim(email)), ''), event_date
    FROM staging.sso_logins
    WHERE source_user_id IS NOT NULL
) AS u
WHERE u.identifier IS NOT NULL AND u.address IS NOT NULL AND u.seen IS NOT NULL
GROUP BY u.identifier, u.address
