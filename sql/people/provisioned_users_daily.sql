-- description: The accounts or people that are counted.
SELECT 'provisioned_users' AS measure, h.item, h.person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, h.detail
FROM picked AS k
INNER JOIN holders AS h ON h.app_id = k.app_id AND h.instance_id = k.instance_id
