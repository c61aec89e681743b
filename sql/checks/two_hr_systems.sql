-- description: People whom two HR sources list under two of the organisation's own domains, by the same name, at the same time: they count as two, as nothing proves that they are one.
WITH listed AS (
    SELECT DISTINCT
        p.person_id, p.primary_email, c.connection,
        split_part(c.identifier, '@', 1) || '|' || names.word_key(p.display_name) AS same
    FROM core.people AS p
    INNER JOIN metrics.hr_identity AS h ON h.person_id = p.person_id
    INNER JOIN metrics.hr_claims AS c ON c.identifier = h.identifier AND c.is_primary
    INNER JOIN params.domains AS d ON split_part(c.identifier, '@', 2) = d.domain
    WHERE p.is_employed AND names.word_key(p.display_name) IS NOT NULL
)
SELECT
    'org_chart.listed_by_two_sources' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(a.primary_email || ' of ' || a.connection || ' and ' || b.primary_email || ' of ' || b.connection
        || ' have one name and count as two people; if they are one, list the one address among the additional e-mails of the other') AS sample
FROM listed AS a
INNER JOIN listed AS b ON b.same = a.same AND b.connection > a.connection AND b.person_id <> a.person_id
