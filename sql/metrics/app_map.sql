-- description: Which app and instance each way of naming one means. The catalogue and the config's overrides decide; an unknown name is an app of its own.
-- grain: connection, source_app_id, app_key, instance_key
-- materialize: table
-- key: connection, source_app_id, app_key, instance_key
WITH named AS (
    SELECT
        k.connection,
        k.source_app_id,
        k.app_key,
        k.instance_key,
        k.first_used,
        coalesce(k.app_text, CASE WHEN k.app_key = '' THEN c.app_text END) AS app_text,
        c.connector,
        c.class,
        c.instance AS connection_instance,
        -- An app may be called by its host.
        CASE
            WHEN k.source_app_id LIKE 'domain:%' THEN substr(k.source_app_id, 8)
            WHEN coalesce(l.app, k.app_text, c.app_text) LIKE '%_.__%' AND coalesce(l.app, k.app_text, c.app_text) NOT LIKE '% %' THEN lower(coalesce(l.app, k.app_text, c.app_text))
        END AS domain,
        coalesce(l.app_key, nullif(k.app_key, ''), c.app_key) AS effective_key,
        l.app AS label
    FROM metrics.app_keys_seen AS k
    INNER JOIN params.connections AS c ON c.connection = k.connection
    LEFT JOIN metrics.idp_app_labels AS l ON l.connection = k.connection AND l.source_app_id = k.source_app_id
),
by_domain AS (
    SELECT n.domain, max(length(d.domain)) AS longest
    FROM (SELECT DISTINCT domain FROM named WHERE domain IS NOT NULL) AS n
    INNER JOIN names.app_domains AS d ON n.domain = d.domain OR n.domain LIKE '%.' || d.domain
    GROUP BY n.domain
),
domains AS (
    SELECT b.domain, min(d.app_id) AS app_id
    FROM by_domain AS b
    INNER JOIN names.app_domains AS d
        ON length(d.domain) = b.longest AND (b.domain = d.domain OR b.domain LIKE '%.' || d.domain)
    GROUP BY b.domain
),
-- "Zoom Sandbox" in an identity provider is an instance of Zoom.
suffixed AS (
    SELECT n.effective_key, min(a.app_id) AS app_id
    FROM (SELECT DISTINCT effective_key FROM named WHERE connector <> 'file') AS n
    INNER JOIN seeds.instance_suffixes AS s ON n.effective_key LIKE '%-' || s.suffix
    INNER JOIN names.app_aliases AS a ON n.effective_key = a.app_key || '-' || s.suffix
    GROUP BY n.effective_key
),
-- Who does not say which instance means the app's only one, where it has just one: named by the configuration or in the
-- rows of a source of usage. What is left out of the app's numbers is not meant.
named_instances AS (
    SELECT coalesce(a.app_id, c.app_key) AS app_id, c.instance
    FROM params.connections AS c
    LEFT JOIN names.app_aliases AS a ON a.app_key = c.app_key
    WHERE c.instance IS NOT NULL AND c.app_key IS NOT NULL
    UNION
    SELECT coalesce(a.app_id, n.effective_key), n.instance_key
    FROM named AS n
    LEFT JOIN names.app_aliases AS a ON a.app_key = n.effective_key
    WHERE n.instance_key <> '' AND n.first_used IS NOT NULL
),
sole AS (
    SELECT i.app_id, min(i.instance) AS instance
    FROM named_instances AS i
    LEFT JOIN params.excluded_instances AS x ON x.app_id = i.app_id AND x.instance_id = i.instance
    WHERE x.instance_id IS NULL
    GROUP BY i.app_id
    HAVING count(DISTINCT i.instance) = 1
),
resolved AS (
    SELECT
        n.connection,
        n.source_app_id,
        n.app_key,
        n.instance_key,
        n.connector,
        n.class,
        n.connection_instance,
        n.effective_key,
        coalesce(n.label, n.app_text) AS app_text,
        coalesce(a.app_id, d.app_id, s.app_id, n.effective_key, n.domain, nullif(lower(n.source_app_id), '')) AS app_id,
        a.app_id IS NULL AND s.app_id IS NOT NULL AS is_suffixed
    FROM named AS n
    LEFT JOIN names.app_aliases AS a ON a.app_key = n.effective_key
    LEFT JOIN domains AS d ON d.domain = n.domain
    LEFT JOIN suffixed AS s ON s.effective_key = n.effective_key
)
SELECT
    r.connection,
    r.source_app_id,
    r.app_key,
    r.instance_key,
    r.app_id,
    coalesce(
        nullif(r.instance_key, ''),
        r.connection_instance,
        CASE WHEN r.is_suffixed THEN r.effective_key END,
        o.instance,
        r.app_id
    ) AS instance_id,
    r.app_text
FROM resolved AS r
LEFT JOIN sole AS o ON o.app_id = r.app_id
WHERE r.app_id IS NOT NULL
