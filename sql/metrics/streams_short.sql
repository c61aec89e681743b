-- description: Streams of which the newest list lacks too many of its records, what it lacks, and what to do about it.
-- grain: connection, stream
-- materialize: view
WITH newest AS (
    SELECT feed, connection, stream, max(list_date) AS list_date FROM _state.books GROUP BY feed, connection, stream
),
reasons AS (
    SELECT
        b.feed, b.connection, b.stream, b.list_date,
        CASE WHEN b.is_valid OR b.outcome = 'aside:unknown_status' THEN 1 ELSE 0 END AS is_word,
        CAST(b.records AS VARCHAR)
            || CASE WHEN b.is_valid THEN ' have a word for ' || substr(b.outcome, 6) || ' that no list knows' ELSE ' ' || replace(substr(b.outcome, 7), '_', ' ') END
            || coalesce(', such as ' || b.sample, '') AS reason
    FROM metrics.lacking_records AS b
),
told AS (
    SELECT
        s.connection, s.stream,
        CAST(s.lacking AS VARCHAR) || ' of the ' || CAST(s.records AS VARCHAR) || ' records of its list do not count, more than the '
            || names.plain_number(y.set_aside_percent) || ' % that a list may lack (set_aside_percent): '
            || string_agg(r.reason, '; ' ORDER BY r.reason) AS problem,
        CASE WHEN max(r.is_word) = 1 THEN 'Say what the words mean in settings.words of connection ' || s.connection || '; see data_quality'
                ELSE 'Fill in at the source what the records lack, or map the column that has it, or let the account that reads see it; if the list is right without them, raise set_aside_percent' END AS remedy
    FROM metrics.short_lists AS s
    INNER JOIN newest AS n
        ON n.feed = s.feed AND n.connection = s.connection AND n.stream = s.stream AND (n.list_date = s.list_date OR n.list_date IS NULL AND s.list_date IS NULL)
    INNER JOIN reasons AS r
        ON r.feed = s.feed AND r.connection = s.connection AND r.stream = s.stream AND (r.list_date = s.list_date OR r.list_date IS NULL AND s.list_date IS NULL)
    CROSS JOIN params.policy AS y
    CROSS JOIN params.run AS q
    INNER JOIN params.connections AS c ON c.connection = s.connection AND (c.disconnected_on IS NULL OR q.as_of <= c.disconnected_on)
    GROUP BY s.feed, s.connection, s.stream, s.lacking, s.records, y.set_aside_percent
)
SELECT connection, stream, string_agg(problem, '; ' ORDER BY problem) AS problem, string_agg(DISTINCT remedy, '; ' ORDER BY remedy) AS remedy
FROM told
GROUP BY connection, stream
