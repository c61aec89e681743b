-- description: When each person was last active in the instances asked for, as the models know it.
SELECT as_of, app_id || '/' || instance_id AS instance_no, person_id AS person_no, last_engaged, last_login
FROM activity
