-- description: Small integers for instances, for joins inside the metrics. They never leave it.
-- grain: instance_key
-- materialize: numbered
-- key: instance_key
SELECT instance_key FROM metrics.instances
