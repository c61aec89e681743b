-- description: Words for states, kinds, periods and currencies that no list knows, each with what it costs and where to say what it means.
WITH words AS (
    SELECT a.connection, 'status' AS word_column, a.status_word AS word, count(*) AS n, 'accounts do not count' AS effect
    FROM core.accounts AS a
    INNER JOIN metrics.newest_lists AS s ON s.feed = 'roster' AND s.connection = a.connection AND s.snapshot_date = a.snapshot_date
    WHERE a.status IS NULL
    GROUP BY a.connection, a.status_word
    UNION ALL
    SELECT o.connection, 'status', o.unknown_status, count(*), 'people count as employed (the word may mean employed or left)'
    FROM core.org_chart AS o
    INNER JOIN metrics.newest_lists AS s ON s.feed = 'org_chart' AND s.connection = o.connection AND s.snapshot_date = o.snapshot_date
    WHERE o.unknown_status IS NOT NULL
    GROUP BY o.connection, o.unknown_status
    UNION ALL
    SELECT o.connection, 'status', o.status, count(*), 'apps count as switched off'
    FROM core.sso_apps AS o
    INNER JOIN metrics.newest_lists AS s ON s.feed = 'idp_apps' AND s.connection = o.connection AND s.snapshot_date = o.snapshot_date
    WHERE o.status NOT IN ('active', 'inactive')
    GROUP BY o.connection, o.status
    UNION ALL
    SELECT o.connection, 'assigned_via', o.assigned_via, count(*), 'assignments, taken as neither direct nor by a group'
    FROM core.sso_assignments AS o
    INNER JOIN metrics.newest_lists AS s ON s.feed = 'sso_assignments' AND s.connection = o.connection AND s.snapshot_date = o.snapshot_date
    WHERE o.assigned_via NOT IN ('direct', 'group')
    GROUP BY o.connection, o.assigned_via
    UNION ALL
    SELECT
        u.connection, split_part(u.word, ': ', 1), substr(u.word, strpos(u.word, ': ') + 2), count(*),
        CASE split_part(u.word, ': ', 1)
            WHEN 'status' THEN 'contract lines do not count'
            WHEN 'billing_period' THEN 'contract lines have no amounts'
            WHEN 'currency' THEN 'contract lines have no amounts in the organisation''s currency'
            WHEN 'auto_renew' THEN 'contract lines are taken to end on their day'
            ELSE 'contract lines are taken as user licences'
        END
    FROM (SELECT connection, unnest(unknown_words) AS word FROM staging.contracts) AS u
    GROUP BY u.connection, u.word
    UNION ALL
    SELECT l.connection, 'outcome', l.outcome, count(*), 'sign-ins count neither as success nor as failure'
    FROM core.sso_logins AS l
    WHERE l.outcome NOT IN ('SUCCESS', 'FAILURE')
    GROUP BY l.connection, l.outcome
    UNION ALL
    SELECT l.connection, 'kind', l.kind, count(*), 'sign-ins count neither as managed nor as social'
    FROM core.sso_logins AS l
    WHERE l.kind NOT IN ('managed', 'social')
    GROUP BY l.connection, l.kind
    UNION ALL
    SELECT e.connection, 'event', e.app_id || ' ' || e.event, count(*), 'events count as no engagement'
    FROM core.engagement_events AS e
    WHERE e.is_engaged IS NULL
    GROUP BY e.connection, e.app_id || ' ' || e.event
    UNION ALL
    SELECT l.connection, 'type', l.spend_type, count(*), 'lines are neither an expense nor an invoice'
    FROM core.spend_lines AS l
    WHERE l.spend_type NOT IN ('expense', 'invoice')
    GROUP BY l.connection, l.spend_type
    UNION ALL
    SELECT l.connection, 'currency', l.currency, count(*), 'lines are in a currency that no list knows'
    FROM core.spend_lines AS l
    LEFT JOIN (SELECT DISTINCT connection, meaning FROM names.words WHERE vocabulary = 'currency') AS k
        ON k.connection = l.connection AND k.meaning = l.currency
    WHERE l.currency IS NOT NULL AND k.meaning IS NULL
    GROUP BY l.connection, l.currency
)
SELECT
    w.connection || '.unknown_word.' || w.word_column AS check_name,
    'warning' AS severity,
    CAST(sum(w.n) AS BIGINT) AS failing_rows,
    string_agg('"' || w.word || '" ' || names.counted(w.n, 'time', 'times'), ', ' ORDER BY w.n DESC, w.word)
        || ': ' || min(w.effect) || CASE
            WHEN w.word_column = 'event' THEN '; whether an event counts for its app is said in seeds/engaged_actions.csv'
            ELSE '; say what it means in settings of connection ' || w.connection
                || ', such as words: {' || w.word_column || ': {"' || min(w.word) || '": …}}, or in seeds/'
                || CASE w.word_column WHEN 'currency' THEN 'currencies.csv' ELSE 'status_words.csv' END
        END AS sample
FROM words AS w
-- What a connection brought that the configuration no longer names counts nowhere.
INNER JOIN params.connections AS c ON c.connection = w.connection
GROUP BY w.connection, w.word_column
