-- description: What a person's seats in an instance cost a month, as far as somebody pays for them: seats beyond the licences bought save nothing, nor do those of a free tier. In two orders: by use, and by the reclaim rules.
-- grain: as_of, instance_no, person_no
-- materialize: as_of
-- key: as_of, instance_no, person_no
SELECT
    p.as_of, p.instance_no, p.person_no,
    CASE WHEN count(*) = count(p.use_price) THEN CAST(CAST(sum(p.use_price) / 12 AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS use_saving,
    CASE WHEN count(*) = count(p.rule_price) THEN CAST(CAST(sum(p.rule_price) / 12 AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS rule_saving,
    max(CASE WHEN p.use_is_paid THEN 1 ELSE 0 END) = 1 AS is_use_paid,
    max(CASE WHEN p.rule_is_paid THEN 1 ELSE 0 END) = 1 AS is_rule_paid,
    count(CASE WHEN p.rule_is_paid THEN 1 END) AS rule_seats,
    count(CASE WHEN NOT p.rule_is_paid AND NOT p.is_free THEN 1 END) AS rule_beyond
FROM (
    SELECT
        s.as_of, s.instance_no, s.person_no, s.is_free,
        NOT s.is_free AND coalesce(s.is_paid, true) AS use_is_paid,
        NOT s.is_free AND coalesce(s.is_rule_paid, true) AS rule_is_paid,
        CASE WHEN s.is_free OR s.is_paid = false THEN 0 ELSE s.annual_price END AS use_price,
        CASE WHEN s.is_free OR s.is_rule_paid = false THEN 0 ELSE s.rule_price END AS rule_price
    FROM metrics.line_seats AS s
    INNER JOIN params.as_of_dates AS d ON d.as_of = s.as_of
    WHERE s.person_no IS NOT NULL
) AS p
GROUP BY p.as_of, p.instance_no, p.person_no
