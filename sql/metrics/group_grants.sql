-- description: How many app instances each group of an identity provider grants, by the newest assignments. Leaving a group that grants several takes them all away.
-- grain: connection, group_name
-- materialize: table
-- key: connection, group_name
WITH newest AS (
    SELECT f.connection, max(f.snapshot_date) AS snapshot_date
    FROM metrics.feed_snapshots AS f
    INNER JOIN params.run AS q ON f.snapshot_date <= q.as_of
    WHERE f.feed = 'sso_assignments'
    GROUP BY f.connection
),
lists AS (
    SELECT DISTINCT a.connection, a.app_id, a.instance_id, a.groups
    FROM newest AS n
    INNER JOIN core.sso_assignments AS a ON a.connection = n.connection AND a.snapshot_date = n.snapshot_date
    WHERE a.groups IS NOT NULL
)
SELECT g.connection, g.group_name, count(*) AS apps
FROM (
    SELECT DISTINCT l.connection, l.app_id, l.instance_id, trim(t.name) AS group_name
    FROM lists AS l
    CROSS JOIN UNNEST(split(l.groups, ';')) AS t (name)
) AS g
WHERE g.group_name <> ''
GROUP BY g.connection, g.group_name
