-- description: Whole lists that lack so many of their records that their numbers are not whole: staging could not use them, or a word in them that no list knows keeps them from counting. One such record sets itself aside, not the list; more than the share that set_aside_percent allows are too many, as they are when a list is read.
-- grain: feed, connection, stream, list_date
-- materialize: view
-- Lists of state, which have no dates, have one row without.
SELECT n.feed, n.connection, n.stream, n.list_date, n.records, n.lacking
FROM (
    SELECT
        b.feed, b.connection, b.stream, b.list_date,
        CAST(sum(CASE WHEN b.outcome LIKE 'word:%' THEN 0 ELSE b.records END) AS BIGINT) AS records,
        CAST(sum(CASE WHEN b.outcome = 'valid' THEN 0 ELSE b.records END) AS BIGINT) AS lacking
    FROM _state.books AS b
    WHERE b.feed NOT IN ('engagement', 'network', 'spend', 'sso_logins')
        AND (b.outcome = 'valid' OR b.outcome LIKE 'word:%'
            OR b.outcome LIKE 'aside:%' AND b.outcome NOT IN ('aside:after_disconnection', 'aside:not_assigned', 'aside:not_configured'))
    GROUP BY b.feed, b.connection, b.stream, b.list_date
) AS n
CROSS JOIN params.policy AS y
WHERE n.lacking = n.records AND n.lacking > 0 OR n.lacking > 1 AND 100 * n.lacking > n.records * y.set_aside_percent
