-- description: What of each statement text may be a vendor's name: the text as it is, without the payment processor in front, and what stands after "doing business as".
-- grain: vendor_key, text
-- materialize: once
-- keys: core.spend_lines
-- key: vendor_key, text
WITH texts AS (
    SELECT key AS vendor_key FROM params.new_keys WHERE source = 'core.spend_lines' AND key <> ''
),
prefixed AS (
    SELECT t.vendor_key, max(length(p.prefix_key)) AS length
    FROM texts AS t
    INNER JOIN names.payment_prefixes AS p
        ON p.first_word = split_part(t.vendor_key, ' ', 1) AND t.vendor_key LIKE p.prefix_key || ' %'
    GROUP BY t.vendor_key
),
parts AS (
    SELECT vendor_key, vendor_key AS part, CAST(0 AS INTEGER) AS origin FROM texts
    UNION ALL
    SELECT vendor_key, trim(substr(vendor_key, length + 1)), 1 FROM prefixed
    UNION ALL
    SELECT vendor_key, regexp_replace(vendor_key, '^.* (DBA|D B A|O A|T A) ', ''), 2
    FROM texts
    WHERE vendor_key LIKE '% DBA %' OR vendor_key LIKE '% D B A %' OR vendor_key LIKE '% O A %' OR vendor_key LIKE '% T A %'
),
-- Addresses and the company form that some countries put first say nothing.
named AS (
    SELECT vendor_key, min(origin) AS origin, text
    FROM (SELECT vendor_key, origin, regexp_replace(part, '^((HTTPS|HTTP|WWW|KK|K K) )+', '') AS text FROM parts) AS p
    WHERE text <> ''
    GROUP BY vendor_key, text
),
-- Numbers (telephone, invoice) at the end go first, then the company's legal form.
numberless AS (
    SELECT vendor_key, origin, text, regexp_replace(text, '( [0-9]+)+$', '') AS words FROM named
),
forms AS (
    SELECT n.vendor_key, n.text, max(length(s.suffix_key)) AS length
    FROM numberless AS n
    INNER JOIN names.legal_suffixes AS s ON n.words LIKE '% ' || s.suffix_key
    GROUP BY n.vendor_key, n.text
)
SELECT
    n.vendor_key,
    n.origin,
    n.text,
    split_part(n.text, ' ', 1) AS first_word,
    CASE WHEN f.length IS NULL THEN n.words ELSE trim(substr(n.words, 1, length(n.words) - f.length)) END AS bare_text
FROM numberless AS n
LEFT JOIN forms AS f ON f.vendor_key = n.vendor_key AND f.text = n.text
