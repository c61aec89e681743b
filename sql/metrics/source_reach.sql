-- description: Up to which date the events of each connection are known, and until which date numbers that rest on them are not stale. NULL where no reading was ever complete: nothing is known of how far it goes.
-- grain: connection, feed
-- materialize: view
SELECT
    w.connection,
    w.feed,
    w.watermark_date AS known_until,
    CAST(w.watermark_date + q.stale_days * INTERVAL '1' DAY AS DATE) AS fresh_until
FROM params.watermarks AS w
CROSS JOIN params.run AS q
