-- description: Counted, the holders of seats are the provisioned number of their instance and date.
SELECT
    'seat_holders.number' AS check_name,
    'fatal' AS severity,
    count(*) AS failing_rows,
    min(p.app_id || '/' || p.instance_id || ' on ' || CAST(p.date AS VARCHAR) || ': ' || coalesce(CAST(p.provisioned_users AS VARCHAR), 'unknown') || ', and '
        || CAST(coalesce(h.n, 0) AS VARCHAR) || ' holders') AS sample
FROM reports.provisioned_users_daily AS p
INNER JOIN params.report_dates AS d ON d.as_of = p.date
LEFT JOIN (SELECT as_of, app_id, instance_id, count(*) AS n FROM core.seat_holders GROUP BY as_of, app_id, instance_id) AS h
    ON h.as_of = p.date AND h.app_id = p.app_id AND h.instance_id = p.instance_id
WHERE coalesce(p.provisioned_users, 0) <> coalesce(h.n, 0)
