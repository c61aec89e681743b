-- description: Contract lines for instances that the configuration leaves out of their app's numbers: they are in no sum, and nobody is reminded of their dates.
SELECT
    'contracts.left_out' AS check_name,
    'info' AS severity,
    count(*) AS failing_rows,
    min(l.contract_id || ' line ' || l.line_id || ': for ' || l.app_id || '/' || l.instance_id || ', which `excluded_instances` leaves out: it is in no sum, and nobody is reminded of its dates') AS sample
FROM core.contract_lines AS l
INNER JOIN params.excluded_instances AS x ON x.app_id = l.app_id AND x.instance_id = l.instance_id
WHERE l.state <> 'never'
