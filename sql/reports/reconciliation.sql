-- description: What became of every record that was read: it is in core, or counted here and, with its reason, in data_quality.
-- grain: connection, stream, feed
-- materialize: table
-- key: connection, stream, feed
-- column connection: The connection.
-- column stream: The stream that the records were read from.
-- column feed: The kind of fact that they were read as; `none` of streams that only complete others.
-- column read: Records read. A list that stands for several dates is counted on each of them; lists that are not whole are not counted.
-- column duplicates: Records of which another one of the same id or the same thing counts: the one read last.
-- column superseded: Records of lists of which a later reading counts.
-- column set_aside: Records that could not be used, and those that are not of this kind; data_quality has the reasons.
-- column in_core: Records that the core tables hold.
SELECT
    c.connection,
    c.stream,
    c.feed,
    c.read,
    c.valid - c.not_used - c.in_core AS duplicates,
    c.superseded,
    c.damaged + c.aside + c.not_used + CASE WHEN c.leaves > 0 THEN greatest(0, c.shown - c.staged) ELSE 0 END AS set_aside,
    c.in_core
FROM (
    SELECT
        b.connection,
        b.stream,
        b.feed,
        CAST(sum(CASE WHEN b.outcome IN ('read', 'damaged') THEN b.records ELSE 0 END) AS BIGINT) AS read,
        CAST(sum(CASE WHEN b.outcome = 'read' THEN b.records ELSE 0 END) AS BIGINT) AS shown,
        CAST(sum(CASE WHEN b.outcome = 'damaged' THEN b.records ELSE 0 END) AS BIGINT) AS damaged,
        CAST(sum(CASE WHEN b.outcome = 'valid' THEN b.records ELSE 0 END) AS BIGINT) AS valid,
        CAST(sum(CASE WHEN b.outcome = 'superseded' THEN b.records ELSE 0 END) AS BIGINT) AS superseded,
        CAST(sum(CASE WHEN b.outcome LIKE 'aside:%' AND b.outcome <> 'aside:no_amount' THEN b.records ELSE 0 END) AS BIGINT) AS aside,
        CAST(sum(CASE WHEN b.outcome = 'aside:no_amount' THEN b.records ELSE 0 END) AS BIGINT) AS not_used,
        CAST(sum(CASE WHEN b.outcome IN ('valid', 'superseded') OR b.outcome LIKE 'aside:%' AND b.outcome <> 'aside:no_amount' THEN b.records ELSE 0 END) AS BIGINT) AS staged,
        CAST(sum(CASE WHEN b.outcome = 'core' THEN b.records ELSE 0 END) AS BIGINT) AS in_core,
        count(l.reason) AS leaves
    FROM metrics.books AS b
    LEFT JOIN params.leaves AS l ON l.feed = b.feed AND l.stream = b.stream
    WHERE b.outcome NOT IN ('lake', 'twice')
    GROUP BY b.connection, b.stream, b.feed
) AS c
