-- feed: sso_logins
-- shape: events
-- date: event_date
-- description: Sign-ins to applications through an identity provider, one row per attempt.
-- columns: connection VARCHAR, seq BIGINT, event_id VARCHAR, occurred_at TIMESTAMP, source_app_id VARCHAR,
--   app VARCHAR, instance VARCHAR, source_user_id VARCHAR, email VARCHAR, outcome VARCHAR, kind VARCHAR
-- bounds: occurred_at 2000-01-01..2199-12-31
-- vital: occurred_at
--
-- What a source's words say is looked up here. One that no list knows stays, and is neither a success nor managed.
SELECT
    r.* REPLACE (coalesce(o.meaning, r.outcome) AS outcome, coalesce(k.meaning, r.kind) AS kind),
    CAST((r.occurred_at AT TIME ZONE 'UTC') AT TIME ZONE p.timezone AS DATE) AS event_date,
    names.slug(r.app) AS app_key,
    nullif(trim(r.instance), '') AS instance_key,
    coalesce(nullif(lower(trim(r.email)), ''), r.connection || ':' || r.source_user_id) AS identifier,
    CASE WHEN r.occurred_at IS NULL THEN 'no_time' WHEN coalesce(nullif(trim(r.email), ''), r.source_user_id) IS NULL THEN 'no_person' END AS aside,
    r.event_id AS named
FROM staging.sso_logins__rows AS r
CROSS JOIN params.run AS p
LEFT JOIN names.words AS o
    ON o.connection = r.connection AND o.vocabulary = 'outcome'
    AND o.word_key = CASE WHEN r.outcome NOT IN ('SUCCESS', 'FAILURE') THEN names.word_key(r.outcome) END
LEFT JOIN names.words AS k
    ON k.connection = r.connection AND k.vocabulary = 'sign_in_kind'
    AND k.word_key = CASE WHEN r.kind NOT IN ('managed', 'social') THEN names.word_key(r.kind) END
