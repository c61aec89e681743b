-- description: One row per app that any source names, with the catalogue's and the config's facts.
-- grain: app_id
-- materialize: table
-- key: app_id
-- column app_id: Stable id: the catalogue's, else the slug of the name.
-- column app_name: Name for people.
-- column vendor: The company that sells it; NULL when unknown.
-- column category: Kind of software; NULL when unknown.
-- column is_in_catalogue: Whether the built-in catalogue or the config knows it.
SELECT
    u.app_id,
    coalesce(max(p.app_name), max(s.app_name), min(u.app_text), u.app_id) AS app_name,
    coalesce(max(p.vendor), max(s.vendor)) AS vendor,
    coalesce(max(p.category), max(s.category)) AS category,
    max(s.app_id) IS NOT NULL OR max(p.app_id) IS NOT NULL AS is_in_catalogue
FROM (
    SELECT app_id, app_text FROM metrics.app_map
    UNION ALL
    SELECT app_id, NULL FROM metrics.spend_map WHERE app_id IS NOT NULL
    UNION ALL
    SELECT app_id, NULL FROM core.contract_lines WHERE app_id IS NOT NULL
) AS u
LEFT JOIN params.apps AS p ON p.app_id = u.app_id
LEFT JOIN seeds.apps AS s ON s.app_id = u.app_id
GROUP BY u.app_id
