-- description: Whole lists that lack so many of their records that their numbers are not whole: staging could not use them, or a word in them that no list knows keeps them from counting. One such record sets itself aside, not the list; more than the share that set_aside_percent allows are too many, as they are when a list is read.
-- grain: feed, connection, stream, list_date
-- materialize: view
-- Lists of state, which have no dates, have one row without.
SELECT n.feed, n.connection, n.stream, n.list_date, n.records, n.lacking
FROM (
    SELECT
        b.feed, b.connection, b.stream, b.list_date,
        CAST(sum(CASE WHEN b.is_valid THEN 0 ELSE b.records END) AS BIGINT) AS records,
        CAST(sum(CASE WHEN b.is_lacking THEN b.records ELSE 0 END) AS BIGINT) AS lacking
    FROM (
        SELECT feed, connection, stream, list_date, records, is_valid, true AS is_lacking FROM metrics.lacking_records
        UNION ALL
        SELECT feed, connection, stream, list_date, records, false, false FROM _state.books WHERE outcome = 'valid'
    ) AS b
    GROUP BY b.feed, b.connection, b.stream, b.list_date
) AS n
CROSS JOIN params.policy AS y
WHERE n.lacking = n.records AND n.lacking > 0 OR n.lacking > 1 AND 100 * n.lacking > n.records * y.set_aside_percent
