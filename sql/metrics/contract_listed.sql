-- description: Contract lines of the newest snapshot of each source, as listed, with app and instance worked out. Where two of one id are for the same product and days only one can count: the one read last.
-- grain: place
-- materialize: table
-- key: place
WITH typed AS (
    SELECT
        s.*,
        names.line_ref(s.line_id, coalesce(s.app_key, s.vendor_key, ''), s.tier) AS line_key,
        names.line_ref(s.line_id, coalesce(s.app, s.vendor, ''), s.tier) AS line_ref,
        names.line_of(coalesce(s.app, s.vendor, ''), s.tier, s.start_date) AS line_of,
        coalesce(names.underscored(s.status), '') AS status_key,
        coalesce(names.tier_key(s.tier), '') AS tier_key,
        coalesce(m.app_id, k.app_id, o.app_id, CASE WHEN coalesce(s.is_user_licence, true) THEN v.app_id END) AS app_id,
        CASE WHEN s.instance_key IS NOT NULL OR c.instance IS NOT NULL THEN m.instance_id END AS instance_id,
        n.company_key IS NOT NULL AS is_known_vendor
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
    LEFT JOIN names.vendor_apps AS v ON v.company_key = names.company_key(s.vendor)
    LEFT JOIN names.vendors AS n ON n.company_key = names.company_key(s.vendor)
    WHERE s.aside IS NULL
        AND (c.disconnected_on IS NULL OR s.snapshot_date IS NULL OR s.snapshot_date <= c.disconnected_on)
),
ranked AS (
    SELECT
        t.*,
        coalesce(t.app_id, t.app_key, t.vendor_key, '') AS product,
        coalesce(t.instance_id, '') AS part,
        row_number() OVER (
            ORDER BY t.contract_id, t.line_key, t.read_at DESC, t.connection, t.snapshot_id, t.end_date DESC, t.start_date DESC, t.licences DESC, t.unit_price DESC, t.tier, t.app_id,
                t.billing_period, t.currency, t.vendor, t.status, t.notice_days, t.owner_email, t.auto_renew, t.is_user_licence
        ) AS place
    FROM typed AS t
)
SELECT r.*, x.instead
FROM ranked AS r
LEFT JOIN (
    SELECT a.place, min(b.place) AS instead
    FROM ranked AS a
    INNER JOIN ranked AS b
        ON b.contract_id = a.contract_id AND b.line_key = a.line_key AND b.product = a.product AND b.part = a.part AND b.tier_key = a.tier_key
        AND b.place < a.place AND b.start_date <= a.end_date AND a.start_date <= b.end_date
    GROUP BY a.place
) AS x ON x.place = r.place
