-- description: Contracts that amend another one which is in force too, where both name user licences: they add up.
SELECT
    s.connection || '.contracts.amendments' AS check_name,
    'warning' AS severity,
    count(DISTINCT s.contract_id) AS failing_rows,
    min(s.contract_id || ' amends ' || s.amends || ', and both are in force: their licences and amounts add up. If it replaces them, end the one or give it a status such as superseded') AS sample
FROM staging.contracts AS s
INNER JOIN core.contract_lines AS l ON l.contract_id = s.contract_id AND l.connection = s.connection
INNER JOIN core.contract_lines AS a ON a.contract_id = s.amends AND a.connection = s.connection
INNER JOIN core.contracts AS e ON e.contract_id = a.contract_id
INNER JOIN core.contracts AS c ON c.contract_id = s.contract_id
CROSS JOIN params.run AS r
WHERE l.is_user_licence AND a.is_user_licence AND l.state = 'in_force' AND a.state = 'in_force'
    AND (e.end_date >= r.as_of OR e.auto_renew) AND (c.end_date >= r.as_of OR c.auto_renew)
GROUP BY s.connection
