-- description: Applications of identity providers that had a name by which contracts, spend or lists of accounts still know the app: under the new name they are an app of their own, so neither has the other's numbers.
WITH named AS (
    SELECT DISTINCT
        k.connection, k.source_app_id, k.app_text AS before, l.app AS now,
        coalesce(a.app_id, k.app_key) AS former_id, m.app_id
    FROM metrics.app_keys_seen AS k
    INNER JOIN metrics.idp_app_labels AS l ON l.connection = k.connection AND l.source_app_id = k.source_app_id
    INNER JOIN metrics.app_map AS m
        ON m.connection = k.connection AND m.source_app_id = k.source_app_id AND m.app_key = k.app_key AND m.instance_key = k.instance_key
    LEFT JOIN names.app_aliases AS a ON a.app_key = k.app_key
    WHERE k.app_key <> '' AND coalesce(a.app_id, k.app_key) <> m.app_id
),
held AS (
    SELECT app_id, 'contracts' AS what FROM core.contract_lines WHERE app_id IS NOT NULL
    UNION
    SELECT app_id, 'spend' FROM core.spend WHERE app_id IS NOT NULL
    UNION
    SELECT app_id, 'accounts' FROM core.accounts
),
apart AS (
    SELECT n.connection, n.now, n.before, n.app_id, n.former_id, string_agg(h.what, ', ' ORDER BY h.what) AS what
    FROM named AS n
    INNER JOIN held AS h ON h.app_id = n.former_id
    GROUP BY n.connection, n.source_app_id, n.now, n.before, n.app_id, n.former_id
)
SELECT
    connection || '.apps.renamed' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(now || ' was called ' || before || ', and is an app of its own (' || app_id || ') beside the ' || what || ' of ' || before
        || '; if it is the same app, write {id: ' || former_id || ', aliases: ["' || now || '"]} under apps: in the configuration') AS sample
FROM apart
GROUP BY connection
