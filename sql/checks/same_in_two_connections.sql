-- description: What a connection that is disconnected brought, and another one brought again: under a new name the same files are read anew, and both count up to the day of the disconnection.
WITH gone AS (
    SELECT connection FROM params.connections WHERE disconnected_on IS NOT NULL
),
held AS (
    SELECT 'spend' AS feed, s.connection, count(*) AS records
    FROM core.spend AS s
    INNER JOIN gone AS g ON g.connection = s.connection
    GROUP BY s.connection
    UNION ALL
    SELECT 'engagement', e.connection, count(*)
    FROM core.engagement_events AS e
    INNER JOIN gone AS g ON g.connection = e.connection
    GROUP BY e.connection
    UNION ALL
    SELECT 'roster', a.connection, count(*)
    FROM core.accounts AS a
    INNER JOIN gone AS g ON g.connection = a.connection
    GROUP BY a.connection
),
twice AS (
    SELECT 'spend' AS feed, s.connection, o.connection AS other, count(*) AS records
    FROM core.spend AS s
    INNER JOIN gone AS g ON g.connection = s.connection
    INNER JOIN core.spend AS o
        ON o.transaction_id = s.transaction_id AND o.connection <> s.connection AND o.transaction_date = s.transaction_date
        AND o.amount = s.amount AND o.currency = s.currency AND o.vendor_text = s.vendor_text
    WHERE NOT s.is_duplicate AND NOT o.is_duplicate
    GROUP BY s.connection, o.connection
    UNION ALL
    SELECT 'engagement', e.connection, o.connection, count(*)
    FROM core.engagement_events AS e
    INNER JOIN gone AS g ON g.connection = e.connection
    INNER JOIN core.engagement_events AS o
        ON o.event_id = e.event_id AND o.connection <> e.connection AND o.event_date = e.event_date AND o.app_id = e.app_id AND o.person_id = e.person_id AND o.event = e.event
    GROUP BY e.connection, o.connection
    UNION ALL
    SELECT 'roster', a.connection, o.connection, count(*)
    FROM core.accounts AS a
    INNER JOIN gone AS g ON g.connection = a.connection
    INNER JOIN core.accounts AS o
        ON o.snapshot_date = a.snapshot_date AND o.connection <> a.connection AND o.app_id = a.app_id AND o.instance_id = a.instance_id AND o.account_id = a.account_id
    GROUP BY a.connection, o.connection
)
SELECT
    t.connection || '.' || t.feed || '.also_of_another_connection' AS check_name,
    'error' AS severity,
    CAST(sum(t.records) AS BIGINT) AS failing_rows,
    min('connection ' || t.other || ' has ' || CAST(t.records AS VARCHAR) || ' of the ' || CAST(h.records AS VARCHAR) || ' records of ' || t.connection || ', too, and they count twice; if ' || t.other
        || ' took its place, type: rightseat forget ' || t.connection || ', then: rightseat run') AS sample
FROM twice AS t
INNER JOIN held AS h ON h.feed = t.feed AND h.connection = t.connection
-- A few may be alike by chance.
WHERE 2 * t.records >= h.records
GROUP BY t.connection, t.feed
