-- description: The books: records that staging set aside, by reason, those that count without a value that can't be right, those that a list names twice, and whether all that was read is accounted for.
SELECT
    b.connection || '.' || b.stream || '.' || b.feed || '.' || substr(b.outcome, 7) AS check_name,
    CASE WHEN b.outcome IN ('aside:no_amount', 'aside:after_disconnection', 'aside:not_configured', 'aside:not_assigned') THEN 'info' ELSE 'warning' END AS severity,
    CAST(sum(b.records) AS BIGINT) AS failing_rows,
    min(b.sample || ': ' || CASE b.outcome
        WHEN 'aside:no_currency' THEN 'no currency, so the line is not counted'
        WHEN 'aside:after_disconnection' THEN 'later than the day on which the connection was disconnected'
        WHEN 'aside:unknown_status' THEN 'a word that no list knows, so the assignment does not count; say in settings of connection ' || b.connection
            || ' whether it means assigned or not_assigned, such as words: {status: {On hold: assigned}}'
        ELSE 'not counted: ' || replace(substr(b.outcome, 7), '_', ' ')
    END) AS sample
FROM _state.books AS b
LEFT JOIN (
    SELECT feed, connection, stream, max(list_date) AS list_date FROM _state.books GROUP BY feed, connection, stream
) AS n ON n.feed = b.feed AND n.connection = b.connection AND n.stream = b.stream
WHERE b.outcome LIKE 'aside:%' AND (b.list_date IS NULL OR b.list_date = n.list_date)
GROUP BY b.connection, b.stream, b.feed, b.outcome
UNION ALL
SELECT
    b.connection || '.' || b.stream || '.' || b.feed || '.listed_twice',
    'warning',
    CAST(sum(b.records) AS BIGINT),
    min(b.sample || ' is listed more than once on ' || CAST(b.list_date AS VARCHAR) || '; one of the records counts, as it was sent, the others do not')
FROM _state.books AS b
INNER JOIN (
    SELECT feed, connection, stream, max(list_date) AS list_date FROM _state.books GROUP BY feed, connection, stream
) AS n ON n.feed = b.feed AND n.connection = b.connection AND n.stream = b.stream AND n.list_date = b.list_date
WHERE b.outcome = 'twice'
GROUP BY b.connection, b.stream, b.feed
UNION ALL
SELECT
    b.connection || '.' || b.stream || '.' || b.feed || '.unreadable_' || replace(substr(b.outcome, 6), ',', '_and_'),
    'info',
    CAST(sum(b.records) AS BIGINT),
    min(b.sample || ': counted without ' || replace(substr(b.outcome, 6), ',', ' and ') || ', which can''t be right')
FROM _state.books AS b
LEFT JOIN (
    SELECT feed, connection, stream, max(list_date) AS list_date FROM _state.books GROUP BY feed, connection, stream
) AS n ON n.feed = b.feed AND n.connection = b.connection AND n.stream = b.stream
WHERE b.outcome LIKE 'cell:%' AND (b.list_date IS NULL OR b.list_date = n.list_date)
GROUP BY b.connection, b.stream, b.feed, b.outcome
UNION ALL
SELECT
    b.connection || '.' || b.stream || '.' || b.feed || '.' || b.reason,
    'info',
    b.records,
    names.counted(b.records, 'record gives no row: ', 'records give no row: ') || replace(b.reason, '_', ' ')
FROM (
    SELECT
        b.connection, b.stream, b.feed, min(l.reason) AS reason,
        CAST(sum(CASE WHEN b.outcome = 'read' THEN b.records WHEN b.outcome = 'twice' OR b.outcome LIKE 'cell:%' OR b.outcome LIKE 'word:%' THEN 0 ELSE -b.records END) AS BIGINT) AS records
    FROM _state.books AS b
    INNER JOIN params.leaves AS l ON l.feed = b.feed AND l.stream = b.stream
    GROUP BY b.connection, b.stream, b.feed
) AS b
UNION ALL
SELECT
    b.connection || '.' || b.stream || '.' || b.feed || '.no_amount',
    'info',
    b.records,
    names.counted(b.records, 'line has no amount, as it was declined or taken back; it is no spend', 'lines have no amount, as they were declined or taken back; they are no spend')
FROM metrics.books AS b
WHERE b.outcome = 'aside:no_amount'
UNION ALL
SELECT
    b.connection || '.' || b.stream || '.no_row_of_their_own',
    'info',
    b.records,
    names.counted(b.records, 'record gives no row of its own; it completes those of other streams', 'records give no row of their own; they complete those of other streams')
FROM metrics.books AS b
WHERE b.outcome = 'aside:no_row_of_their_own'
UNION ALL
SELECT
    r.connection || '.' || r.stream || '.' || r.feed || '.unaccounted',
    'error',
    greatest(abs(r.read - r.duplicates - r.superseded - r.set_aside - r.in_core), -r.duplicates),
    'read ' || CAST(r.read AS VARCHAR) || ', accounted for ' || CAST(r.duplicates + r.superseded + r.set_aside + r.in_core AS VARCHAR)
        || ' (' || CAST(r.duplicates AS VARCHAR) || ' of them duplicates): please report this'
FROM reports.reconciliation AS r
WHERE r.read <> r.duplicates + r.superseded + r.set_aside + r.in_core OR r.duplicates < 0
UNION ALL
-- Of uploaded events that have no ids of their own, equal ones of several files are taken for one. Lines of spend are judged when they are read.
SELECT
    r.connection || '.' || r.stream || '.' || r.feed || '.counted_once',
    'info',
    r.duplicates,
    names.counted(r.duplicates, 'record came more than once, in a file that was read again or in several files, and counts once; ', 'records came more than once, in files that were read again or in several files, and count once; ') || 'files of different places need connections of their own'
FROM reports.reconciliation AS r
INNER JOIN (SELECT DISTINCT connection FROM _state.files WHERE connector = 'file') AS f ON f.connection = r.connection
WHERE r.feed IN ('engagement', 'network', 'sso_logins') AND r.duplicates > 0
