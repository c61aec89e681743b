-- description: Accounts whose tier is a word for having none, such as Unlicensed: a directory lists everybody, with a licence or without, and each counts as a seat.
SELECT
    a.connection || '.roster.no_licence' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(a.account_id || ' has the tier "' || a.tier || '" and counts as an account of the app; if such accounts have no seat, leave them out: leave_out: {the column''s header: ["' || a.tier || '"]}') AS sample
FROM core.accounts AS a
INNER JOIN metrics.newest_lists AS s ON s.feed = 'roster' AND s.connection = a.connection AND s.snapshot_date = a.snapshot_date
WHERE a.status <> 'deactivated'
    AND names.word_key(a.tier) IN ('unlicensed', 'not licensed', 'no license', 'no licence', 'no licenses', 'no licences', 'unassigned', 'not assigned', 'without license', 'without licence', 'nicht lizenziert', 'ohne lizenz', 'keine lizenz',
        'keine lizenzen', 'keine', 'sans licence', 'aucune licence', 'aucune', 'sin licencia', 'ninguna', 'senza licenza', 'nessuna licenza', 'nessuna', 'geen licentie', 'geen licenties', 'geen', 'zonder licentie')
GROUP BY a.connection
