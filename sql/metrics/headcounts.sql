-- description: How many employees each team, location, cost centre and reporting line has on each report date.
-- grain: as_of, dimension, dimension_value
-- materialize: view
SELECT o.as_of, o.dimension, o.dimension_value, count(*) AS people
FROM metrics.org_dimensions AS o
GROUP BY o.as_of, o.dimension, o.dimension_value
