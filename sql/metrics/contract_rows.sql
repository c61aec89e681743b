-- description: The contract lines that count. Lines of one id that are for other products, tiers or days are several, and named by what tells them apart.
-- grain: contract_id, line_id
-- materialize: table
-- key: contract_id, line_id
WITH counted AS (
    SELECT
        l.*,
        count(*) OVER (PARTITION BY l.contract_id, l.line_key) > 1 AS is_one_of_several,
        min(l.product) OVER (PARTITION BY l.contract_id, l.line_key) <> max(l.product) OVER (PARTITION BY l.contract_id, l.line_key) AS differs_by_product,
        min(l.part) OVER (PARTITION BY l.contract_id, l.line_key) <> max(l.part) OVER (PARTITION BY l.contract_id, l.line_key) AS differs_by_part,
        min(l.tier_key) OVER (PARTITION BY l.contract_id, l.line_key) <> max(l.tier_key) OVER (PARTITION BY l.contract_id, l.line_key) AS differs_by_tier,
        count(*) OVER (PARTITION BY l.contract_id, l.line_key, l.product, l.part, l.tier_key) > 1 AS differs_by_days,
        count(*) OVER (PARTITION BY l.connection, l.contract_id, l.line_ref) > 1 AS shares_ref
    FROM metrics.contract_listed AS l
    WHERE l.instead IS NULL
),
-- From which day on each line was read as ended, without a word to the contrary since.
endings AS (
    SELECT
        t.place, t.last_open,
        CASE WHEN t.last_open > t.first_ended THEN CAST(t.last_open + INTERVAL '1' DAY AS DATE) ELSE t.first_ended END AS ended_since
    FROM (
        SELECT
            c.place,
            min(CASE WHEN h.state = 'ended' THEN h.first_read END) AS first_ended,
            max(CASE WHEN h.state <> 'ended' THEN h.last_read END) AS last_open
        FROM counted AS c
        INNER JOIN metrics.contract_statuses AS h
            ON h.connection = c.connection AND h.contract_id = c.contract_id AND h.line_ref = c.line_ref AND (NOT c.shares_ref OR h.line_of = c.line_of)
        GROUP BY c.place
    ) AS t
),
-- Services and consumption name no app of their own: they belong to the one their contract is for.
sole AS (
    SELECT contract_id, min(app_id) AS app_id
    FROM counted
    WHERE coalesce(is_user_licence, true)
    GROUP BY contract_id
    HAVING count(DISTINCT app_id) = 1
)
SELECT
    r.connection,
    r.contract_id,
    r.line_key || CASE WHEN r.is_one_of_several THEN ' (' || substr(
        CASE WHEN r.differs_by_product THEN ', ' || r.product ELSE '' END
        || CASE WHEN r.differs_by_part THEN ', ' || CASE WHEN r.part = '' THEN 'any instance' ELSE r.part END ELSE '' END
        || CASE WHEN r.differs_by_tier THEN ', ' || CASE WHEN r.tier_key = '' THEN 'no tier' ELSE r.tier_key END ELSE '' END
        || CASE WHEN r.differs_by_days THEN ', from ' || CAST(r.start_date AS VARCHAR) ELSE '' END, 3) || ')' ELSE '' END AS line_id,
    r.vendor,
    coalesce(r.app_id, s.app_id) AS app_id,
    r.instance_id,
    nullif(trim(r.tier), '') AS tier,
    r.start_date,
    r.end_date,
    r.licences,
    r.unit_price,
    coalesce(nullif(lower(trim(r.billing_period)), ''), 'year') AS billing_period,
    coalesce(upper(nullif(trim(r.currency), '')), p.currency) AS currency,
    coalesce(r.auto_renew, false) AS auto_renew,
    r.notice_days,
    coalesce(r.is_user_licence, true) AS is_user_licence,
    lower(nullif(trim(r.owner_email), '')) AS owner_email,
    coalesce(r.app_id, s.app_id) IS NOT NULL OR r.is_known_vendor AS is_software,
    nullif(r.status_key, '') AS status,
    coalesce(w.state, 'in_force') AS state,
    -- One that was seen to go on after its end did renew itself.
    CASE
        WHEN coalesce(w.state, 'in_force') <> 'ended' THEN NULL
        WHEN r.auto_renew AND e.last_open > r.end_date THEN CAST(e.ended_since - INTERVAL '1' DAY AS DATE)
        ELSE least(r.end_date, CAST(e.ended_since - INTERVAL '1' DAY AS DATE))
    END AS ended_on
FROM counted AS r
CROSS JOIN params.run AS p
LEFT JOIN (SELECT DISTINCT status, state FROM metrics.contract_statuses) AS w ON w.status = r.status_key
LEFT JOIN endings AS e ON e.place = r.place
LEFT JOIN sole AS s ON s.contract_id = r.contract_id AND NOT coalesce(r.is_user_licence, true)
