-- description: Licence types of accounts that neither a contract line nor the list of tiers names, in apps with contracts: whether they cost anything is not known, and they are taken to.
SELECT
    u.connection || '.unknown_tier' AS check_name,
    'info' AS severity,
    CAST(sum(u.accounts) AS BIGINT) AS failing_rows,
    string_agg(u.app_id || ' "' || u.tier || '" ' || names.counted(u.accounts, 'account', 'accounts'), ', ' ORDER BY u.accounts DESC, u.app_id, u.tier)
        || ': taken as paid for; say in seeds/tiers.csv which of them cost nothing' AS sample
FROM (
    SELECT a.connection, a.app_id, a.tier, count(*) AS accounts
    FROM core.accounts AS a
    INNER JOIN metrics.newest_lists AS s ON s.feed = 'roster' AND s.connection = a.connection AND s.snapshot_date = a.snapshot_date
    INNER JOIN params.connections AS c ON c.connection = a.connection AND c.disconnected_on IS NULL
    INNER JOIN (
        SELECT DISTINCT l.app_id
        FROM metrics.licence_lines AS l
        INNER JOIN params.run AS r ON r.as_of = l.as_of
    ) AS p ON p.app_id = a.app_id
    LEFT JOIN (
        SELECT DISTINCT l.app_id, l.queue_tier
        FROM metrics.licence_lines AS l
        INNER JOIN params.run AS r ON r.as_of = l.as_of
    ) AS n ON n.app_id = a.app_id AND n.queue_tier = names.tier_key(a.tier)
    LEFT JOIN metrics.tier_ranks AS t ON t.app_id = a.app_id AND t.tier_key = names.tier_key(a.tier)
    WHERE a.tier IS NOT NULL AND a.status <> 'deactivated' AND n.app_id IS NULL AND t.app_id IS NULL
    GROUP BY a.connection, a.app_id, a.tier
) AS u
GROUP BY u.connection
