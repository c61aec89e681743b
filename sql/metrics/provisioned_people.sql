-- description: The people behind the provisioned number of each instance on each report date, each with how many accounts. Service accounts are no people: on a roster they count, here they do not.
-- grain: as_of, instance_no, person_no
-- materialize: as_of
-- key: as_of, instance_no, person_no
SELECT h.as_of, i.instance_no, k.person_no, count(*) AS accounts
FROM core.seat_holders AS h
INNER JOIN params.as_of_dates AS d ON d.as_of = h.as_of
INNER JOIN metrics.instance_numbers AS i ON i.instance_key = h.app_id || '/' || h.instance_id
INNER JOIN metrics.person_numbers AS k ON k.person_id = h.person_id
WHERE h.person_id NOT LIKE 'service:%'
GROUP BY h.as_of, i.instance_no, k.person_no
