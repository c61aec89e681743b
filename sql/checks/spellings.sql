-- description: Teams, locations and cost centres whose names differ in case, accents or punctuation only: each counts as one of its own.
SELECT
    'org.spellings.' || g.dimension AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(g.spellings || ': counted apart; write them alike in the org chart, if they are one') AS sample
FROM (
    SELECT v.dimension, string_agg('"' || v.dimension_value || '"', ', ' ORDER BY v.dimension_value) AS spellings
    FROM (
        SELECT DISTINCT o.dimension, o.dimension_value, names.word_key(o.dimension_value) AS word
        FROM metrics.org_dimensions AS o
        INNER JOIN params.run AS r ON r.as_of = o.as_of
        WHERE o.dimension <> 'manager'
    ) AS v
    WHERE v.word IS NOT NULL
    GROUP BY v.dimension, v.word
    HAVING count(*) > 1
) AS g
GROUP BY g.dimension
