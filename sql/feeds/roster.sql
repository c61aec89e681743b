-- feed: roster
-- shape: snapshot
-- description: The accounts of an application as its own API or an upload lists them, one row per account and snapshot.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP, seq BIGINT,
--   app VARCHAR, instance VARCHAR, account_id VARCHAR, email VARCHAR, username VARCHAR, tier VARCHAR,
--   status VARCHAR, created_at TIMESTAMP
-- bounds: created_at 1990-01-01..2199-12-31
--
-- What a word says is looked up here, for every connector; no word at all reads as active. One that no list knows has
-- no meaning: status is NULL, status_word has it.
SELECT
    r.* REPLACE (CASE WHEN r.status IS NULL THEN 'active' ELSE w.meaning END AS status),
    r.status AS status_word,
    CAST((r.created_at AT TIME ZONE 'UTC') AT TIME ZONE p.timezone AS DATE) AS created_on,
    names.slug(app) AS app_key,
    nullif(trim(instance), '') AS instance_key,
    coalesce(nullif(trim(account_id), ''), nullif(lower(trim(email)), ''), nullif(trim(username), '')) AS account_key,
    coalesce(nullif(lower(trim(email)), ''), r.connection || ':' || coalesce(nullif(trim(account_id), ''), trim(username))) AS identifier,
    CASE WHEN coalesce(nullif(trim(r.account_id), ''), nullif(trim(r.email), ''), nullif(trim(r.username), '')) IS NULL THEN 'no_account' END AS aside,
    coalesce(r.email, r.username, r.account_id) AS named
FROM staging.roster__rows AS r
CROSS JOIN params.run AS p
LEFT JOIN names.words AS w
    ON w.connection = r.connection AND w.vocabulary = 'account_status' AND w.word_key = names.word_key(r.status)
