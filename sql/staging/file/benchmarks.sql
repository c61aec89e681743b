-- feed: benchmarks
-- description: Uploaded distributions of a metric over a cohort of organisations. The extra column currency says what prices are in.
WITH record AS (
    SELECT
        connection,
        snapshot_id,
        snapshot_date,
        read_at,
        json_extract_string(payload, [
            '$.app', '$.metric', '$.cohort', '$.n', '$.p25', '$.p33', '$.p50', '$.p66', '$.p75', '$.as_of', '$.source',
            '$.currency'
        ]) AS v
    FROM raw.file__benchmarks
)
SELECT
    connection,
    snapshot_id,
    snapshot_date,
    read_at,
    v[1] AS app,
    v[2] AS metric,
    v[3] AS cohort,
    TRY_CAST(v[4] AS BIGINT) AS n,
    TRY_CAST(v[5] AS DECIMAL(24, 10)) AS p25,
    TRY_CAST(v[6] AS DECIMAL(24, 10)) AS p33,
    TRY_CAST(v[7] AS DECIMAL(24, 10)) AS p50,
    TRY_CAST(v[8] AS DECIMAL(24, 10)) AS p66,
    TRY_CAST(v[9] AS DECIMAL(24, 10)) AS p75,
    TRY_CAST(v[10] AS DATE) AS benchmark_as_of,
    v[11] AS benchmark_source,
    v[12] AS currency
FROM record
