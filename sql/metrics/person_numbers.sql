-- description: Small integers for people, for joins inside the metrics. They never leave it.
-- grain: person_id
-- materialize: numbered
-- key: person_id
SELECT person_id FROM metrics.identity
