-- description: What a licence of each queue of contract lines costs a year, on each report date. NULL where no line of the queue says so.
-- grain: as_of, app_id, pool, queue_tier
-- materialize: view
SELECT
    l.as_of, l.app_id, l.pool, l.queue_tier,
    CASE WHEN sum(CASE WHEN l.annual_price IS NOT NULL THEN l.licences END) > 0
        THEN CAST(sum(CASE WHEN l.annual_price IS NOT NULL THEN l.annual_spend END) / sum(CASE WHEN l.annual_price IS NOT NULL THEN l.licences END) AS DECIMAL(28, 8))
    END AS annual_price
FROM metrics.licence_lines AS l
GROUP BY l.as_of, l.app_id, l.pool, l.queue_tier
