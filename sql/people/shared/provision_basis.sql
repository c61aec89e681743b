-- description: The rule of each instance's number on the date asked for, as the models know it.
SELECT r.date AS as_of, r.app_id || '/' || r.instance_id AS instance_no, r.app_id, r.instance_id, r.basis, r.basis_connection
FROM asked AS q
INNER JOIN reports.provisioned_users_daily AS r ON r.date = q.as_of AND r.app_id = q.app_id
