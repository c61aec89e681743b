-- description: Every identifier that any source ever named: an e-mail address in lower case, or connection:id where there is none.
-- grain: identifier
-- materialize: accumulate
-- key: identifier
-- least: first_seen
SELECT
    u.identifier,
    min(u.seen) AS first_seen
FROM (
    SELECT identifier, event_date AS seen FROM staging.sso_logins
    UNION ALL
    SELECT identifier, event_date FROM staging.engagement
    UNION ALL
    SELECT identifier, event_date FROM staging.network
    UNION ALL
    SELECT identifier, transaction_date FROM staging.spend
    UNION ALL
    SELECT identifier, snapshot_date FROM staging.sso_assignments
    UNION ALL
    SELECT identifier, snapshot_date FROM staging.roster
    UNION ALL
    SELECT email_identifier, snapshot_date FROM staging.idp_users
    UNION ALL
    SELECT login_identifier, snapshot_date FROM staging.idp_users
    UNION ALL
    SELECT identifier, snapshot_date FROM staging.org_chart
    UNION ALL
    SELECT manager_identifier, snapshot_date FROM staging.org_chart
    UNION ALL
    SELECT lower(trim(t.address)), o.snapshot_date
    FROM staging.org_chart AS o
    CROSS JOIN UNNEST(split(o.additional_emails, ';')) AS t (address)
) AS u
WHERE u.identifier IS NOT NULL AND u.identifier <> '' AND u.seen IS NOT NULL
GROUP BY u.identifier
