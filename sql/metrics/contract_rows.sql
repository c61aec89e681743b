-- description: Contract lines of the newest snapshot of each source, with app and instance worked out. A line that several sources bring counts once: the one read last.
-- grain: contract_id, line_id
-- materialize: table
-- key: contract_id, line_id
WITH typed AS (
    SELECT
        s.*,
        coalesce(nullif(trim(s.line_id), ''), coalesce(s.app_key, s.vendor_key, '') || coalesce(' ' || s.tier, '')) AS line_key,
        coalesce(nullif(trim(s.line_id), ''), coalesce(s.app, s.vendor, '') || coalesce(' ' || s.tier, '')) AS line_ref,
        coalesce(replace(replace(lower(trim(s.status)), ' ', '_'), '-', '_'), '') AS status_key,
        coalesce(m.app_id, k.app_id, o.app_id, CASE WHEN coalesce(s.is_user_licence, true) THEN v.app_id END) AS app_id,
        CASE WHEN s.instance_key IS NOT NULL OR c.instance IS NOT NULL THEN m.instance_id END AS instance_id,
        n.vendor_key IS NOT NULL AS is_known_vendor
    FROM staging.contracts AS s
    INNER JOIN params.connections AS c ON c.connection = s.connection
    LEFT JOIN metrics.app_map AS m
        ON m.connection = s.connection AND m.source_app_id = ''
        AND m.app_key = coalesce(s.app_key, '') AND m.instance_key = coalesce(s.instance_key, '')
        AND (s.app_key IS NOT NULL OR c.app_key IS NOT NULL)
    LEFT JOIN names.app_aliases AS k ON k.app_key = s.app_key AND NOT coalesce(s.is_user_licence, true)
    -- A line for services makes no app of a name, but may name one that others have brought.
    LEFT JOIN (SELECT app_key, min(app_id) AS app_id FROM metrics.app_map WHERE app_key <> '' GROUP BY app_key HAVING count(DISTINCT app_id) = 1) AS o
        ON o.app_key = s.app_key AND NOT coalesce(s.is_user_licence, true)
    LEFT JOIN names.vendor_apps AS v ON v.vendor_key = s.vendor_key
    LEFT JOIN names.vendors AS n ON n.vendor_key = s.vendor_key
    WHERE s.aside IS NULL
        AND (c.disconnected_on IS NULL OR s.snapshot_date IS NULL OR s.snapshot_date <= c.disconnected_on)
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY contract_id, line_key ORDER BY read_at DESC, connection, snapshot_id, end_date DESC, start_date DESC, licences DESC, unit_price DESC, tier, app_id) AS choice
    FROM typed
),
-- From which day on each line was read as ended, without a word to the contrary since.
endings AS (
    SELECT
        t.connection, t.contract_id, t.line_ref, t.last_open,
        CASE WHEN t.last_open > t.first_ended THEN CAST(t.last_open + INTERVAL '1' DAY AS DATE) ELSE t.first_ended END AS ended_since
    FROM (
        SELECT
            connection, contract_id, line_ref,
            min(CASE WHEN state = 'ended' THEN first_read END) AS first_ended,
            max(CASE WHEN state <> 'ended' THEN last_read END) AS last_open
        FROM metrics.contract_statuses
        GROUP BY connection, contract_id, line_ref
    ) AS t
),
-- Services and consumption name no app of their own: they belong to the one their contract is for.
sole AS (
    SELECT contract_id, min(app_id) AS app_id
    FROM ranked
    WHERE choice = 1 AND coalesce(is_user_licence, true)
    GROUP BY contract_id
    HAVING count(DISTINCT app_id) = 1
)
SELECT
    r.connection,
    r.contract_id,
    r.line_key AS line_id,
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
        WHEN w.state <> 'ended' THEN NULL
        WHEN r.auto_renew AND e.last_open > r.end_date THEN CAST(e.ended_since - INTERVAL '1' DAY AS DATE)
        ELSE least(r.end_date, CAST(e.ended_since - INTERVAL '1' DAY AS DATE))
    END AS ended_on
FROM ranked AS r
CROSS JOIN params.run AS p
LEFT JOIN metrics.contract_statuses AS w
    ON w.connection = r.connection AND w.contract_id = r.contract_id AND w.line_ref = r.line_ref AND w.status = r.status_key
LEFT JOIN endings AS e ON e.connection = r.connection AND e.contract_id = r.contract_id AND e.line_ref = r.line_ref
LEFT JOIN sole AS s ON s.contract_id = r.contract_id AND NOT coalesce(r.is_user_licence, true)
WHERE r.choice = 1
