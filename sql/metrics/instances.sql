-- description: Every instance that a source of usage named, with the key that its number belongs to.
-- grain: instance_key
-- materialize: table
-- key: instance_key
SELECT DISTINCT
    app_id,
    instance_id,
    app_id || '/' || instance_id AS instance_key
FROM metrics.app_map
