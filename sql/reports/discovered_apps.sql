-- description: Apps seen only through spend, network or social sign-in: shadow IT.
-- grain: as_of, app_id
-- materialize: as_of
-- key: as_of, app_id
-- column as_of: DATE the numbers are of.
-- column app_id: The app.
-- column app_name: Name for people.
-- column first_seen: DATE of the first trace.
-- column sources: Kinds of source that saw it: network, social, spend.
-- column people: Distinct known people who paid for it, reached it or signed in with a social account, in twelve months.
-- column spend_12m: DECIMAL, organisation's currency: spend in the twelve months up to as_of, refunds deducted; 0 when it was paid for before that only. NULL when no spend ever named it, or none of it has an exchange rate.
-- column network_people_30d: Distinct people the network saw with it in 30 days; NULL when no network source ever did.
-- column social_people_30d: Distinct people who signed in with a social account in 30 days; NULL when nobody ever did.
-- column is_stale: Whether a network source (where the network saw it) or a log of sign-ins (where those did) was more than 2 days behind as_of or never read to the end.
WITH found AS (
    SELECT e.*
    FROM metrics.app_evidence AS e
    INNER JOIN params.as_of_dates AS d ON d.as_of = e.as_of
    WHERE e.is_discovered
),
traces AS (
    SELECT f.as_of, f.app_id, x.kind, x.person_id, x.day
    FROM found AS f
    INNER JOIN metrics.discovery_daily AS x ON x.app_id = f.app_id AND x.day <= f.as_of
    UNION ALL
    SELECT f.as_of, f.app_id, 'spend', coalesce(s.payer_person_id, ''), s.transaction_date
    FROM found AS f
    INNER JOIN core.spend AS s ON s.app_id = f.app_id AND s.transaction_date <= f.as_of AND NOT s.is_duplicate
),
counted AS (
    SELECT
        as_of, app_id,
        count(DISTINCT CASE WHEN person_id <> '' AND person_id NOT LIKE 'service:%'
            AND day > CAST(as_of - INTERVAL '12' MONTH AS DATE) THEN person_id END) AS people,
        count(DISTINCT CASE WHEN kind = 'network' AND person_id <> '' AND person_id NOT LIKE 'service:%'
            AND day > CAST(as_of - INTERVAL '30' DAY AS DATE) THEN person_id END) AS network_people,
        count(DISTINCT CASE WHEN kind = 'social' AND person_id NOT LIKE 'service:%'
            AND day > CAST(as_of - INTERVAL '30' DAY AS DATE) THEN person_id END) AS social_people,
        max(CASE WHEN kind = 'network' THEN 1 ELSE 0 END) = 1 AS has_network,
        max(CASE WHEN kind = 'social' THEN 1 ELSE 0 END) = 1 AS has_social
    FROM traces
    GROUP BY as_of, app_id
),
late AS (
    SELECT d.as_of, r.feed, count(*) AS sources
    FROM params.as_of_dates AS d
    CROSS JOIN metrics.source_reach AS r
    INNER JOIN params.connections AS c
        ON c.connection = r.connection AND (c.disconnected_on IS NULL OR d.as_of <= c.disconnected_on)
    WHERE r.feed IN ('network', 'sso_logins') AND NOT coalesce(r.fresh_until >= d.as_of, false)
    GROUP BY d.as_of, r.feed
)
SELECT
    f.as_of,
    f.app_id,
    a.app_name,
    f.first_seen,
    f.sources,
    coalesce(c.people, 0) AS people,
    f.spend_12m,
    CASE WHEN c.has_network THEN c.network_people END AS network_people_30d,
    CASE WHEN c.has_social THEN c.social_people END AS social_people_30d,
    (coalesce(c.has_network, false) AND n.sources IS NOT NULL) OR (coalesce(c.has_social, false) AND l.sources IS NOT NULL) AS is_stale
FROM found AS f
INNER JOIN core.apps AS a ON a.app_id = f.app_id
LEFT JOIN counted AS c ON c.as_of = f.as_of AND c.app_id = f.app_id
LEFT JOIN late AS n ON n.as_of = f.as_of AND n.feed = 'network'
LEFT JOIN late AS l ON l.as_of = f.as_of AND l.feed = 'sso_logins'
