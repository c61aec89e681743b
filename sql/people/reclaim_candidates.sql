-- description: What the sources say of the person and the app: account, assignment, last engagement, last sign-in.
SELECT e.measure, e.item, e.person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, e.detail
FROM picked AS k
INNER JOIN evidence AS e ON e.app_id = k.app_id AND e.instance_id = k.instance_id AND e.person_id = k.person_id
