-- feed: engagement
-- leaves: no_person
-- description: What each participant did in a past Zoom meeting: attended it, shared a screen or whiteboard, showed video, recorded.
--
-- Zoom gives one record per join. The event's id names meeting and person, so that somebody
-- who dropped out and came back counts once. Video was shown where a camera is named and
-- its quality was measured. Participants whom Zoom does not know by e-mail or user id are nobody's activity.
WITH field AS (
    SELECT connection, seq, parent_id AS meeting_id, event_at,
        list_transform(
            json_extract_string(payload, ['$.email', '$.participant_user_id', '$.id', '$.share_desktop',
                '$.share_application', '$.share_whiteboard', '$.camera', '$.recording']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f,
        json_extract_string(payload, '$.video_quality') AS video_quality
    FROM raw.zoom__meeting_participants
),
person AS (
    SELECT *,
        CASE WHEN f[1] LIKE '%_@_%' THEN f[1] END AS email,
        coalesce(f[2], f[3]) AS user_id
    FROM field
),
did AS (
    SELECT connection, seq, meeting_id, event_at, email, user_id,
        unnest(list_filter([
            'attended_meeting',
            CASE WHEN 'true' IN (f[4], f[5]) THEN 'shared_screen' END,
            CASE WHEN f[6] = 'true' THEN 'whiteboard' END,
            CASE WHEN f[7] IS NOT NULL AND video_quality IS DISTINCT FROM '' THEN 'shared_video' END,
            CASE WHEN f[8] = 'true' THEN 'recorded' END
        ], lambda e: e IS NOT NULL)) AS event
    FROM person
    WHERE email IS NOT NULL OR user_id IS NOT NULL
)
SELECT
    connection, seq,
    concat_ws('|', event, meeting_id, coalesce(lower(email), user_id)) AS event_id,
    event_at AS occurred_at,
    user_id AS source_user_id,
    email,
    event,
    1 AS event_count
FROM did
