-- feed: contracts
-- stream: agreements
-- description: Vendor agreements of Ramp. One row per line item, or one for the whole agreement where no item can be read.
--
-- The list has no line items; the newest details do, where they were permitted. Ramp
-- does not publish a line item's shape, so quantity and price are looked for under the usual
-- names. A line whose number of seats is not known is no user licence: it has one unit, at its
-- total for the agreement's whole term where that is known. Money is either a number in the main unit or an object in minor units,
-- of which the object says how many make one, else its currency does. What stands there and can't be read is told in unread.
WITH detail AS (
    SELECT connection, record_id,
        json_extract(payload, '$.line_items') AS line_items,
        json_extract_string(payload, '$.payee.name') AS payee
    FROM raw.ramp__agreement_details
    QUALIFY row_number() OVER (PARTITION BY connection, record_id ORDER BY read_at DESC, seq DESC) = 1
),
agreement AS (
    SELECT a.connection, a.snapshot_id, a.snapshot_date, a.read_at, a.record_id,
        list_transform(
            json_extract_string(a.payload, ['$.name', '$.payee_name', '$.start_date', '$.end_date', '$.last_date_to_terminate',
                '$.auto_renewal', '$.currency', '$.total_value.currency_code', '$.contract_owners[0].email', '$.deleted_at', '$.archived_at',
                '$.total_value', '$.total_value.amount', '$.total_value.minor_unit_conversion_rate']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f,
        nullif(trim(d.payee), '') AS payee,
        CASE WHEN json_type(d.line_items) = 'ARRAY' THEN from_json(d.line_items, '["JSON"]') ELSE [] END AS items
    FROM raw.ramp__agreements AS a
    LEFT JOIN detail AS d ON a.connection = d.connection AND a.record_id = d.record_id
),
-- Position 0 is the agreement as a whole.
line AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, record_id, f, payee,
        unnest(range(len(items) + 1)) AS position,
        unnest(list_prepend(NULL, items)) AS item
    FROM agreement
    WHERE f[10] IS NULL
),
read_line AS (
    SELECT *,
        list_transform(
            json_extract_string(item, ['$.id', '$.quantity', '$.seats', '$.seat_count', '$.licenses', '$.number_of_licenses',
                '$.product_name', '$.product', '$.tier', '$.plan', '$.billing_frequency', '$.billing_period',
                '$.unit_price', '$.unit_price.amount', '$.unit_price.minor_unit_conversion_rate',
                '$.price_per_unit', '$.price_per_unit.amount', '$.price_per_unit.minor_unit_conversion_rate',
                '$.total_value', '$.total_value.amount', '$.total_value.minor_unit_conversion_rate',
                '$.amount', '$.amount.amount', '$.amount.minor_unit_conversion_rate',
                '$.unit_price.currency_code', '$.price_per_unit.currency_code', '$.total_value.currency_code', '$.amount.currency_code']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS i
    FROM line
),
-- Each of these is tried as an object in minor units first, then as a plain number.
money AS (
    SELECT *,
        list_transform(
            [[i[13], i[14], i[15], coalesce(i[25], f[7], f[8])], [i[16], i[17], i[18], coalesce(i[26], f[7], f[8])],
                [i[19], i[20], i[21], coalesce(i[27], f[7], f[8])], [i[22], i[23], i[24], coalesce(i[28], f[7], f[8])],
                [f[12], f[13], f[14], coalesce(f[8], f[7])]],
            lambda m: coalesce(
                TRY_CAST(TRY_CAST(m[2] AS DECIMAL(24, 10)) / CASE
                    WHEN m[3] IS NULL THEN names.minor_units(m[4])
                    WHEN TRY_CAST(m[3] AS DECIMAL(9, 0)) > 0 THEN TRY_CAST(m[3] AS DECIMAL(9, 0))
                END AS DECIMAL(24, 10)),
                names.amount_of(m[1]))) AS amount
    FROM read_line
),
priced AS (
    SELECT *,
        coalesce(names.count_of(i[2]), names.count_of(i[3]), names.count_of(i[4]), names.count_of(i[5]), names.count_of(i[6])) AS seats,
        coalesce(i[2], i[3], i[4], i[5], i[6]) AS seat_text,
        coalesce(amount[1], amount[2]) AS seat_price,
        coalesce(i[13], i[16]) AS price_text,
        coalesce(amount[3], amount[4]) AS line_total,
        coalesce(i[19], i[22]) AS total_text,
        amount[5] AS agreement_total,
        TRY_CAST(left(f[3], 10) AS DATE) AS start_date,
        TRY_CAST(left(f[4], 10) AS DATE) AS end_date,
        TRY_CAST(left(f[5], 10) AS DATE) AS notice_date
    FROM money
),
chosen AS (
    SELECT *
    FROM priced
    QUALIFY CASE
        WHEN position = 0 THEN bool_or(position > 0 AND (seat_text IS NOT NULL OR seat_price IS NOT NULL OR line_total IS NOT NULL)) OVER (PARTITION BY snapshot_id, record_id) IS FALSE
        ELSE seat_text IS NOT NULL OR seat_price IS NOT NULL OR line_total IS NOT NULL
    END
)
SELECT
    connection, snapshot_id, snapshot_date, read_at,
    record_id AS contract_id,
    coalesce(i[1], CAST(greatest(position, 1) AS VARCHAR)) AS line_id,
    coalesce(f[2], payee, f[1]) AS vendor,
    coalesce(i[7], i[8]) AS app,
    coalesce(i[9], i[10]) AS tier,
    start_date,
    end_date,
    CASE WHEN seats >= 1 THEN seats WHEN seats IS NOT NULL OR seat_text IS NULL THEN 1 END AS licences,
    TRY_CAST(CASE
        WHEN seats IS NULL AND seat_text IS NOT NULL THEN line_total
        WHEN seats >= 1 THEN coalesce(seat_price, TRY_CAST(line_total / seats AS DECIMAL(24, 10)))
        WHEN position = 0 THEN agreement_total
        ELSE coalesce(line_total, seat_price)
    END AS DECIMAL(24, 10)) AS unit_price,
    CASE
        WHEN seat_price IS NOT NULL AND (seats >= 1 OR line_total IS NULL) THEN
            CASE
                WHEN lower(coalesce(i[11], i[12])) LIKE 'month%' THEN 'month'
                WHEN lower(coalesce(i[11], i[12])) LIKE 'quarter%' THEN 'quarter'
                WHEN lower(coalesce(i[11], i[12])) LIKE 'year%' OR lower(coalesce(i[11], i[12])) LIKE 'annual%' THEN 'year'
                ELSE coalesce(i[11], i[12], 'term')
            END
        ELSE 'term'
    END AS billing_period,
    coalesce(f[7], f[8]) AS currency,
    f[6] AS auto_renew,
    CASE WHEN end_date >= notice_date AND isfinite(end_date) AND isfinite(notice_date) THEN date_diff('day', notice_date, end_date) END AS notice_days,
    CASE WHEN seats >= 1 OR (seats IS NULL AND seat_text IS NOT NULL) THEN 'yes' ELSE 'no' END AS is_user_licence,
    CASE WHEN f[9] LIKE '%_@_%' THEN f[9] END AS owner_email,
    CASE WHEN f[11] IS NOT NULL THEN 'archived' ELSE 'active' END AS status,
    nullif(concat_ws(', ',
        CASE WHEN seats IS NULL THEN 'seats "' || seat_text || '"' END,
        CASE WHEN seat_price IS NULL THEN 'unit price "' || price_text || '"' END,
        CASE WHEN line_total IS NULL THEN 'total "' || total_text || '"' END,
        CASE WHEN start_date IS NULL AND NOT starts_with(f[3], '0000') THEN 'start "' || f[3] || '"' END,
        CASE WHEN end_date IS NULL AND NOT starts_with(f[4], '0000') THEN 'end "' || f[4] || '"' END), '') AS unread
FROM chosen
