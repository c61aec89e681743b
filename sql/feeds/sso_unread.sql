-- feed: sso_unread
-- shape: snapshot
-- books: no
-- description: Applications of an identity provider whose assignments could not be read whole in a snapshot, or are not asked for.
-- columns: connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
--   source_app_id VARCHAR, kept_date DATE, left_out BOOLEAN
SELECT * FROM staging.sso_unread__rows
