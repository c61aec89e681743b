-- description: Records of lists and of state that do not count though they should: staging could not use them, or a word in them that no list knows keeps them from counting.
-- grain: feed, connection, stream, list_date, outcome
-- materialize: view
SELECT
    b.feed, b.connection, b.stream, b.list_date, b.outcome, b.records, b.sample,
    -- Of these the record itself is valid.
    b.outcome LIKE 'word:%' AS is_valid
FROM _state.books AS b
WHERE b.feed NOT IN ('engagement', 'network', 'spend', 'sso_logins')
    AND (b.outcome LIKE 'word:%'
        OR b.outcome LIKE 'aside:%' AND b.outcome NOT IN ('aside:after_disconnection', 'aside:not_assigned', 'aside:not_configured'))
