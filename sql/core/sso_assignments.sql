-- description: Who was assigned to which app in an identity provider, one set per whole snapshot.
-- grain: connection, snapshot_date, app_id, instance_id, identifier, assigned_via, groups
-- materialize: snapshot
-- snapshots: sso_assignments
-- date: snapshot_date
-- person: identifier, person_id
-- column connection: The identity provider's connection.
-- column idp: The identity provider: okta, onelogin, …; NULL when the connection does not say.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column snapshot_date: DATE of the snapshot, organisation's time zone.
-- column identifier: What the source called the person: address in lower case, or connection:id.
-- column person_id: The person, see core.people; starts with service: for service accounts.
-- column email: The address as sent; NULL when the source gave none.
-- column source_app_id: The identity provider's id of the app, the first where it has several for this instance; NULL when it gave none.
-- column source_user_id: The identity provider's id of the person; NULL when it gave none.
-- column assigned_via: direct or group; NULL when the source does not say.
-- column groups: The groups that grant the app, joined with ;. NULL when unknown or direct.
SELECT
    s.connection,
    c.idp,
    m.app_id,
    m.instance_id,
    s.snapshot_date,
    s.identifier,
    i.person_id,
    max(s.email) AS email,
    min(s.source_app_id) AS source_app_id,
    min(s.source_user_id) AS source_user_id,
    s.assigned_via,
    s.groups
FROM staging.sso_assignments AS s
INNER JOIN params.connections AS c ON c.connection = s.connection
INNER JOIN metrics.app_map AS m
    ON m.connection = s.connection
    AND m.source_app_id = coalesce(s.source_app_id, '')
    AND m.app_key = coalesce(s.app_key, '')
    AND m.instance_key = coalesce(s.instance_key, '')
INNER JOIN metrics.identity AS i ON i.identifier = s.identifier
WHERE s.is_current AND s.aside IS NULL AND (c.disconnected_on IS NULL OR s.snapshot_date <= c.disconnected_on)
GROUP BY s.connection, c.idp, m.app_id, m.instance_id, s.snapshot_date, s.identifier, i.person_id, s.assigned_via, s.groups
