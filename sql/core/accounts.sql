-- description: The accounts of apps as their own APIs or uploads list them, one set per whole snapshot.
-- grain: connection, snapshot_date, app_id, instance_id, account_id
-- materialize: snapshot
-- snapshots: roster
-- date: snapshot_date
-- person: identifier, person_id
-- column connection: The connection that brought the roster.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column snapshot_date: DATE of the snapshot, organisation's time zone.
-- column account_id: The vendor's id of the account; its address or user name where there is none.
-- column identifier: What the source called the person: address in lower case, or connection:id.
-- column person_id: The person, see core.people; starts with service: for service accounts.
-- column email: The address as sent; NULL when the source gave none.
-- column username: The account's name; NULL when the source gave none.
-- column tier: The licence type in the vendor's words; NULL when unknown.
-- column status: active, invited, suspended or deactivated; all but the last are provisioned. NULL when no list knows the source's word: such an account does not count until it is said what the word means.
-- column status_word: The source's own word for the status; NULL when it gave none.
-- column created_at: TIMESTAMP, UTC; NULL when unknown.
-- column created_on: DATE of created_at in the organisation's time zone; NULL when unknown.
SELECT
    s.connection,
    m.app_id,
    m.instance_id,
    s.snapshot_date,
    s.account_key AS account_id,
    min(s.identifier) AS identifier,
    min(i.person_id) AS person_id,
    min(s.email) AS email,
    min(s.username) AS username,
    min(nullif(trim(s.tier), '')) AS tier,
    min(s.status) AS status,
    min(s.status_word) AS status_word,
    min(s.created_at) AS created_at,
    min(s.created_on) AS created_on
FROM staging.roster AS s
INNER JOIN params.connections AS c ON c.connection = s.connection
INNER JOIN metrics.app_map AS m
    ON m.connection = s.connection
    AND m.source_app_id = ''
    AND m.app_key = coalesce(s.app_key, '')
    AND m.instance_key = coalesce(s.instance_key, '')
INNER JOIN metrics.identity AS i ON i.identifier = s.identifier
WHERE s.is_current AND s.account_key IS NOT NULL AND (c.disconnected_on IS NULL OR s.snapshot_date <= c.disconnected_on)
GROUP BY s.connection, m.app_id, m.instance_id, s.snapshot_date, s.account_key
