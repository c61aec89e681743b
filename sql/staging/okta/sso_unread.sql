-- feed: sso_unread
-- stream: app_users
-- description: Okta apps whose list of assigned people is not whole in a snapshot.
SELECT connection, snapshot_id, snapshot_date, read_at, parent_id AS source_app_id, kept_date, left_out
FROM raw.unread
WHERE connector = 'okta' AND stream = 'app_users'
