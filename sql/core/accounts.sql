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
    a.connection,
    a.app_id,
    a.instance_id,
    a.snapshot_date,
    a.account_id,
    a.identifier,
    a.person_id,
    a.email,
    a.username,
    a.tier,
    a.status,
    a.status_word,
    a.created_at,
    a.created_on
FROM (
    -- Of the records of one account in one list, the one read last counts, as it was sent.
    SELECT
        s.connection, m.app_id, m.instance_id, s.snapshot_date, s.account_key AS account_id, s.identifier, i.person_id,
        s.email, s.username, nullif(trim(s.tier), '') AS tier, s.status, s.status_word, s.created_at, s.created_on,
        row_number() OVER (
            PARTITION BY s.connection, m.app_id, m.instance_id, s.snapshot_date, s.account_key
            ORDER BY s.read_at DESC, s.seq DESC, s.snapshot_id
        ) AS choice
    FROM staging.roster AS s
    INNER JOIN params.connections AS c ON c.connection = s.connection
    INNER JOIN metrics.app_map AS m
        ON m.connection = s.connection
        AND m.source_app_id = ''
        AND m.app_key = coalesce(s.app_key, '')
        AND m.instance_key = coalesce(s.instance_key, '')
    INNER JOIN metrics.identity AS i ON i.identifier = s.identifier
    WHERE s.is_current AND s.aside IS NULL AND (c.disconnected_on IS NULL OR s.snapshot_date <= c.disconnected_on)
) AS a
WHERE a.choice = 1
