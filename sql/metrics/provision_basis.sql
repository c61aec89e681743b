-- description: By which rule the number of each instance is known on each report date, and whether what it rests on is stale.
-- grain: as_of, instance_no
-- materialize: as_of
-- key: as_of, instance_no
SELECT p.date AS as_of, n.instance_no, p.app_id, p.instance_id, p.basis, p.basis_connection, p.is_stale
FROM reports.provisioned_users_daily AS p
INNER JOIN params.as_of_dates AS d ON d.as_of = p.date
INNER JOIN metrics.instance_numbers AS n ON n.instance_key = p.app_id || '/' || p.instance_id
