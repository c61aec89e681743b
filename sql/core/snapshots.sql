-- description: The whole lists that count – rosters, assignments, organisation charts, an identity provider's users and apps –, one per connection and date. In force on a date is the newest of each connection that is not later, for as long as the connection is connected.
-- grain: feed, connection, snapshot_date
-- materialize: table
-- key: feed, connection, snapshot_date
-- date: snapshot_date
-- column feed: What it lists: roster, sso_assignments, org_chart, idp_users or idp_apps.
-- column connection: The connection that brought it.
-- column snapshot_date: DATE of the list, organisation's time zone.
-- column read_at: TIMESTAMP, UTC, when it was read; of several of one date the last one counts.
-- column disconnected_on: DATE of the last day on which the connection's lists count; NULL while it is connected.
SELECT
    f.feed,
    f.connection,
    f.snapshot_date,
    f.read_at,
    c.disconnected_on
FROM metrics.feed_snapshots AS f
INNER JOIN params.connections AS c
    ON c.connection = f.connection AND (c.disconnected_on IS NULL OR f.snapshot_date <= c.disconnected_on)
