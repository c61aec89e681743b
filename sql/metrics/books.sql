-- description: What became of the records of each stream, per feed and outcome, cumulated.
-- grain: feed, connection, stream, outcome
-- materialize: view
-- Outcomes: lake (all records in the lake), damaged (set aside when they were read), read (shown to the transform; of lists the whole
-- ones), valid, superseded, twice, aside:REASON, left (they give no row, as their kind says), core.
WITH streams AS (
    SELECT feed, connection, stream FROM _state.books
    UNION
    -- Of these all records were set aside when they were read: staging never saw one.
    SELECT p.feed, f.connection, p.stream
    FROM _state.files AS f
    INNER JOIN params.feed_streams AS p
        ON p.connector = replace(f.connector, '-', '_') AND p.stream = replace(f.stream, '-', '_') AND p.is_counted
    WHERE f.set_aside > 0
),
lake AS (
    SELECT connection, replace(stream, '-', '_') AS stream, min(connector) AS connector, CAST(sum(rows) AS BIGINT) AS records, CAST(sum(set_aside) AS BIGINT) AS set_aside
    FROM _state.files
    GROUP BY connection, replace(stream, '-', '_')
),
held AS (
    SELECT 'sso_logins' AS feed, connection, CAST(NULL AS VARCHAR) AS stream, 'core' AS outcome, count(*) AS records FROM core.sso_logins GROUP BY connection
    UNION ALL
    SELECT 'engagement', connection, stream, 'core', count(DISTINCT seq) FROM core.engagement_events GROUP BY connection, stream
    UNION ALL
    SELECT 'network', connection, NULL, 'core', count(*) FROM core.network_activity GROUP BY connection
    UNION ALL
    SELECT 'spend', connection, NULL, CASE WHEN amount IS NULL THEN 'aside:no_amount' ELSE 'core' END, count(*)
    FROM core.spend_lines
    GROUP BY connection, CASE WHEN amount IS NULL THEN 'aside:no_amount' ELSE 'core' END
    UNION ALL
    SELECT 'roster', connection, NULL, 'core', count(*) FROM core.accounts GROUP BY connection
    UNION ALL
    SELECT 'org_chart', connection, NULL, 'core', count(*) FROM core.org_chart GROUP BY connection
    UNION ALL
    SELECT 'sso_assignments', connection, NULL, 'core', count(*) FROM core.sso_assignments GROUP BY connection
    UNION ALL
    SELECT 'idp_apps', connection, NULL, 'core', count(*) FROM core.sso_apps GROUP BY connection
    UNION ALL
    SELECT 'contracts', connection, NULL, 'core', count(*) FROM metrics.contract_rows GROUP BY connection
    UNION ALL
    -- These have no table of their own: all that is valid acts.
    SELECT feed, connection, stream, 'core', CAST(sum(CASE WHEN outcome = 'valid' THEN records ELSE -records END) AS BIGINT)
    FROM _state.books
    WHERE feed IN ('idp_users', 'fx_rates', 'exempt', 'benchmarks', 'allocations') AND outcome IN ('valid', 'twice')
    GROUP BY feed, connection, stream
),
-- Of the whole lists of a date the one that was read last counts.
lists AS (
    SELECT
        connection, stream, snapshot_id,
        row_number() OVER (PARTITION BY connection, stream, snapshot_date, source ORDER BY max(read_at) DESC, snapshot_id DESC) = 1 AS is_current
    FROM _state.snapshots
    GROUP BY connection, stream, snapshot_id, snapshot_date, source
),
-- Streams that no feed reads by themselves: their records complete those of others.
others AS (
    SELECT
        f.connection, replace(f.stream, '-', '_') AS stream,
        CASE WHEN coalesce(l.is_current, true) THEN f.rows - f.set_aside ELSE 0 END AS records,
        CASE WHEN coalesce(l.is_current, true) THEN f.set_aside ELSE 0 END AS set_aside,
        CASE WHEN coalesce(l.is_current, true) THEN 0 ELSE f.rows END AS superseded
    FROM _state.files AS f
    LEFT JOIN lists AS l ON l.connection = f.connection AND l.stream = f.stream AND l.snapshot_id = f.snapshot_id
    LEFT JOIN (SELECT DISTINCT connection, stream FROM streams) AS s ON s.connection = f.connection AND s.stream = replace(f.stream, '-', '_')
    WHERE s.connection IS NULL AND f.rows > 0 AND (f.snapshot_id = '' OR l.snapshot_id IS NOT NULL)
),
counted AS (
    SELECT feed, connection, stream, outcome, CAST(sum(records) AS BIGINT) AS records
    FROM _state.books
    GROUP BY feed, connection, stream, outcome
)
SELECT feed, connection, stream, outcome, records FROM counted
UNION ALL
SELECT s.feed, s.connection, s.stream, 'lake', l.records
FROM streams AS s
INNER JOIN lake AS l ON l.connection = s.connection AND l.stream = s.stream
UNION ALL
SELECT s.feed, s.connection, s.stream, 'damaged', l.set_aside
FROM streams AS s
INNER JOIN lake AS l ON l.connection = s.connection AND l.stream = s.stream
UNION ALL
SELECT 'none', connection, stream, 'damaged', CAST(sum(set_aside) AS BIGINT) FROM others GROUP BY connection, stream
UNION ALL
SELECT 'none', connection, stream, 'read', CAST(sum(records + superseded) AS BIGINT) FROM others GROUP BY connection, stream
UNION ALL
SELECT 'none', connection, stream, 'superseded', CAST(sum(superseded) AS BIGINT) FROM others GROUP BY connection, stream
UNION ALL
SELECT 'none', connection, stream, 'aside:no_row_of_their_own', CAST(sum(records) AS BIGINT) FROM others GROUP BY connection, stream
UNION ALL
SELECT h.feed, h.connection, s.stream, h.outcome, h.records
FROM held AS h
INNER JOIN streams AS s ON s.feed = h.feed AND s.connection = h.connection AND (h.stream IS NULL OR s.stream = h.stream)
