-- feed: contracts
-- description: Records of the Ironclad repository as contracts, one line each.
--
-- Property keys differ from one Ironclad customer to the next. Under each meaning the keys are
-- tried in order: Ironclad's own lifecycle keys first, then common names; docs/connectors/ironclad.md
-- lists them. Dates are taken as written, without moving them to another time zone. A record
-- that names no number of seats is no user licence: one unit, at its value for the whole term or,
-- where only that is known, its price per billing period. What stands there and can't be read is told in unread.
-- An evergreen contract has no end: 9999-12-31 says so.
WITH record AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, record_id, payload,
        json_extract(payload, '$.properties') AS p
    FROM raw.ironclad__records
),
field AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, record_id,
        list_transform(json_extract_string(payload,
            ['$.name', '$.contractStatus.status', '$.contractStatus.enhancedStatus', '$.parentLinkType', '$.parentId']),
            lambda v: nullif(nullif(trim(v), ''), 'null')) AS f,
        list_transform(json_extract_string(p, ['$.counterpartyName.value', '$.counterpartyName.value.name', '$.vendorName.value', '$.vendor.value',
            '$.supplierName.value', '$.counterparty.value']), lambda v: nullif(nullif(trim(v), ''), 'null')) AS vendor,
        list_transform(json_extract_string(p, ['$.app.value', '$.application.value', '$.applicationName.value', '$.software.value',
            '$.product.value', '$.productName.value']), lambda v: nullif(nullif(trim(v), ''), 'null')) AS app,
        list_transform(json_extract_string(p, ['$.tier.value', '$.plan.value', '$.edition.value', '$.licenseType.value',
            '$.licenceType.value', '$.subscriptionTier.value']), lambda v: nullif(nullif(trim(v), ''), 'null')) AS tier,
        json_extract_string(p, ['$.effectiveDate.value', '$.standardEffectiveDate.value', '$.standard_effectiveDate.value', '$.startDate.value',
            '$.agreementDate.value']) AS starts,
        json_extract_string(p, ['$.expirationDate.value', '$.standardExpirationDate.value', '$.standard_expirationDate.value',
            '$.agreementExpirationDate.value', '$.endDate.value']) AS ends,
        json_extract_string(p, ['$.standard_initialTermLength.value', '$.standardTermLength.value', '$.initialTermLength.value',
            '$.termLength.value']) AS terms,
        json_extract_string(p, ['$.standard_renewalType.value', '$.standardRenewalType.value', '$.renewalType.value',
            '$.autoRenewal.value', '$.autoRenew.value']) AS renewals,
        json_extract_string(p, ['$.standard_renewalOptOutPeriod.value', '$.standardRenewalOptOutPeriod.value', '$.renewalOptOutPeriod.value',
            '$.noticePeriod.value', '$.standard_terminationNoticePeriod.value']) AS notices,
        json_extract_string(p, ['$.standard_renewalOptOutDate.value', '$.standardRenewalOptOutDate.value', '$.renewalOptOutDate.value',
            '$.noticeDate.value']) AS notice_dates,
        json_extract_string(p, ['$.seats.value', '$.seatCount.value', '$.numberOfSeats.value', '$.licences.value', '$.licenses.value',
            '$.numberOfLicences.value', '$.numberOfLicenses.value', '$.quantity.value', '$.userCount.value']) AS seat_counts,
        json_extract_string(p, ['$.unitPrice.value.amount', '$.unitPrice.value', '$.pricePerSeat.value.amount', '$.pricePerSeat.value',
            '$.pricePerLicence.value.amount', '$.pricePerLicence.value', '$.pricePerLicense.value.amount', '$.pricePerLicense.value',
            '$.pricePerUser.value.amount', '$.pricePerUser.value']) AS unit_prices,
        json_extract_string(p, ['$.contractValue.value.amount', '$.contractValue.value', '$.totalContractValue.value.amount',
            '$.totalContractValue.value', '$.totalValue.value.amount', '$.totalValue.value']) AS totals,
        list_transform(json_extract_string(p, ['$.unitPrice.value.currency', '$.contractValue.value.currency', '$.totalContractValue.value.currency',
            '$.totalValue.value.currency', '$.currency.value']), lambda v: nullif(nullif(trim(v), ''), 'null')) AS currencies,
        list_transform(json_extract_string(p, ['$.billingPeriod.value', '$.billingFrequency.value', '$.paymentFrequency.value']),
            lambda v: nullif(nullif(lower(trim(v)), ''), 'null')) AS billing,
        json_extract_string(p, ['$.contractOwnerEmail.value', '$.ownerEmail.value', '$.contractOwner.value.email', '$.contractOwner.value',
            '$.owner.value.email', '$.owner.value', '$.businessOwner.value']) AS owners
    FROM record
),
-- The first value of each list that has the right type.
typed AS (
    SELECT connection, snapshot_id, snapshot_date, read_at, record_id, f,
        -- A counterparty that is an entity is an object; only its name is a name.
        list_filter(vendor, lambda v: v IS NOT NULL AND NOT starts_with(v, '{'))[1] AS vendor,
        list_filter(app, lambda v: v IS NOT NULL)[1] AS app,
        list_filter(tier, lambda v: v IS NOT NULL)[1] AS tier,
        list_filter(list_transform(starts, lambda v: names.day_of(v)), lambda v: v IS NOT NULL)[1] AS start_date,
        list_filter(list_transform(ends, lambda v: names.day_of(v)), lambda v: v IS NOT NULL)[1] AS end_date,
        list_filter(terms, lambda v: names.is_duration(v))[1] AS term,
        list_filter(renewals, lambda v: v IS NOT NULL AND v <> 'null')[1] AS renewal,
        list_filter(notices, lambda v: names.is_duration(v))[1] AS notice,
        list_filter(list_transform(notice_dates, lambda v: names.day_of(v)), lambda v: v IS NOT NULL)[1] AS notice_date,
        list_filter(list_transform(seat_counts, lambda v: names.count_of(v)), lambda v: v >= 1)[1] AS seats,
        list_filter(list_transform(unit_prices, lambda v: names.amount_of(v)), lambda v: v IS NOT NULL)[1] AS unit_price,
        list_filter(list_transform(totals, lambda v: names.amount_of(v)), lambda v: v IS NOT NULL)[1] AS total,
        -- What no number, date or duration could be made of.
        list_filter(seat_counts, lambda v: v NOT IN ('', 'null') AND names.count_of(v) IS NULL)[1] AS odd_seats,
        list_filter(unit_prices, lambda v: v NOT IN ('', 'null') AND NOT starts_with(v, '{') AND names.amount_of(v) IS NULL)[1] AS odd_price,
        list_filter(totals, lambda v: v NOT IN ('', 'null') AND NOT starts_with(v, '{') AND names.amount_of(v) IS NULL)[1] AS odd_total,
        list_filter(starts, lambda v: v NOT IN ('', 'null') AND NOT starts_with(v, '0000') AND names.day_of(v) IS NULL)[1] AS odd_start,
        list_filter(ends, lambda v: v NOT IN ('', 'null') AND NOT starts_with(v, '0000') AND names.day_of(v) IS NULL)[1] AS odd_end,
        list_filter(notices, lambda v: v NOT IN ('', 'null', 'P') AND NOT names.is_duration(v))[1] AS odd_notice,
        list_filter(currencies, lambda v: v IS NOT NULL)[1] AS currency,
        list_filter(billing, lambda v: v IS NOT NULL)[1] AS billing,
        list_filter(owners, lambda v: regexp_full_match(trim(v), '[^@\s{}]+@[^@\s{}]+'))[1] AS owner_email
    FROM field
),
ended AS (
    SELECT *,
        coalesce(end_date, TRY_CAST(start_date
            + to_years(coalesce(TRY_CAST(regexp_extract(term, '(\d+)Y', 1) AS INTEGER), 0))
            + to_months(coalesce(TRY_CAST(regexp_extract(term, '(\d+)M', 1) AS INTEGER), 0))
            + to_days(7 * coalesce(TRY_CAST(regexp_extract(term, '(\d+)W', 1) AS INTEGER), 0)
                + coalesce(TRY_CAST(regexp_extract(term, '(\d+)D', 1) AS INTEGER), 0))
            - to_days(CASE WHEN term IS NULL THEN NULL ELSE 1 END) AS DATE)) AS last_day,
        -- A month of notice is 30 days, a year 365.
        365 * coalesce(TRY_CAST(regexp_extract(notice, '(\d+)Y', 1) AS BIGINT), 0)
            + 30 * coalesce(TRY_CAST(regexp_extract(notice, '(\d+)M', 1) AS BIGINT), 0)
            + 7 * coalesce(TRY_CAST(regexp_extract(notice, '(\d+)W', 1) AS BIGINT), 0)
            + coalesce(TRY_CAST(regexp_extract(notice, '(\d+)D', 1) AS BIGINT), 0) AS notice_period
    FROM typed
)
SELECT
    connection, snapshot_id, snapshot_date, read_at,
    record_id AS contract_id,
    '1' AS line_id,
    coalesce(vendor, f[1]) AS vendor,
    app,
    tier,
    start_date,
    coalesce(last_day, CASE WHEN lower(coalesce(renewal, f[3])) IN ('evergreen', 'perpetual') THEN DATE '9999-12-31' END) AS end_date,
    CASE WHEN seats IS NOT NULL THEN seats WHEN odd_seats IS NULL THEN 1 END AS licences,
    TRY_CAST(CASE
        WHEN seats IS NOT NULL THEN coalesce(unit_price, TRY_CAST(total / seats AS DECIMAL(24, 10)))
        WHEN odd_seats IS NOT NULL THEN total
        ELSE coalesce(total, unit_price)
    END AS DECIMAL(24, 10)) AS unit_price,
    CASE
        WHEN unit_price IS NULL OR billing IS NULL OR (seats IS NULL AND total IS NOT NULL) THEN 'term'
        WHEN billing LIKE 'month%' THEN 'month'
        WHEN billing LIKE 'quarter%' THEN 'quarter'
        WHEN billing LIKE 'year%' OR billing LIKE 'annual%' THEN 'year'
        ELSE billing
    END AS billing_period,
    currency,
    CASE
        WHEN lower(renewal) IN ('optional extension', 'other') THEN 'no'
        WHEN renewal IS NOT NULL THEN renewal
        WHEN f[3] IN ('auto-renewing', 'evergreen') THEN 'yes'
    END AS auto_renew,
    CASE
        WHEN notice IS NOT NULL THEN notice_period
        WHEN last_day >= notice_date THEN date_diff('day', notice_date, last_day)
    END AS notice_days,
    CASE WHEN seats IS NOT NULL OR odd_seats IS NOT NULL THEN 'yes' ELSE 'no' END AS is_user_licence,
    trim(owner_email) AS owner_email,
    -- 'indeterminate' is Ironclad's word for saying nothing.
    nullif(f[2], 'indeterminate') AS status,
    CASE WHEN f[4] = 'amendment' THEN f[5] END AS amends,
    nullif(concat_ws(', ',
        CASE WHEN seats IS NULL THEN 'seats "' || odd_seats || '"' END,
        CASE WHEN unit_price IS NULL THEN 'unit price "' || odd_price || '"' END,
        CASE WHEN total IS NULL THEN 'total value "' || odd_total || '"' END,
        CASE WHEN start_date IS NULL THEN 'start "' || odd_start || '"' END,
        CASE WHEN end_date IS NULL THEN 'end "' || odd_end || '"' END,
        CASE WHEN notice IS NULL AND notice_date IS NULL THEN 'notice "' || odd_notice || '"' END), '') AS unread
FROM ended
