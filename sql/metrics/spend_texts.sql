-- description: What of each statement text may be a vendor's name: the text as it is, without a bank's posting words or the payment processor in front, and what stands after "doing business as".
-- grain: vendor_key, text
-- materialize: once
-- keys: core.spend_lines
-- key: vendor_key, text
WITH texts AS (
    SELECT key AS vendor_key FROM params.new_keys WHERE source = 'core.spend_lines' AND key <> ''
),
-- Banks say in front how a charge was made, in up to two phrases, and often when and with which card.
opened AS (
    SELECT t.vendor_key, t.vendor_key AS part, max(length(p.phrase_key)) AS length
    FROM texts AS t
    INNER JOIN names.posting_words AS p
        ON p.first_word = split_part(t.vendor_key, ' ', 1) AND t.vendor_key || ' ' LIKE p.phrase_key || ' %'
    GROUP BY t.vendor_key
),
behind AS (
    SELECT vendor_key, trim(substr(part, length + 1)) AS part FROM opened
),
undated AS (
    SELECT vendor_key, regexp_replace(part, '^(([0-9X]+|[0-9]{1,2}(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[0-9]*|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|TO|AT|FROM|OF|ON|FOR|VIA|AN|BEI|VON|VOM|AM|DU|DE|LE|A|CHEZ|EN|DEL|EL|DI|DA|DAL|IL|PRESSO|VAN|OP|BIJ|AAN|NAAR|CARD|CARTE|CARTA|TARJETA|KARTE|NR|NO|REF|DATE) )+', '') AS part
    FROM behind
),
twice AS (
    SELECT u.vendor_key, u.part, max(length(p.phrase_key)) AS length
    FROM undated AS u
    INNER JOIN names.posting_words AS p
        ON p.first_word = split_part(u.part, ' ', 1) AND u.part || ' ' LIKE p.phrase_key || ' %'
    GROUP BY u.vendor_key, u.part
),
behind_twice AS (
    SELECT vendor_key, trim(substr(part, length + 1)) AS part FROM twice
),
-- What a bank takes for itself is nobody else's, whatever it names beside it.
fees AS (
    SELECT o.vendor_key
    FROM (SELECT vendor_key, part, length FROM opened UNION ALL SELECT vendor_key, part, length FROM twice) AS o
    INNER JOIN names.posting_words AS p ON p.is_fee AND p.phrase_key = substr(o.part, 1, o.length)
    UNION
    SELECT t.vendor_key
    FROM texts AS t
    INNER JOIN names.posting_words AS p ON p.is_fee AND p.phrase_key LIKE '% %' AND t.vendor_key LIKE '% ' || p.phrase_key
),
starts AS (
    SELECT t.vendor_key, t.vendor_key AS part, CAST(0 AS INTEGER) AS origin FROM texts AS t
    UNION
    SELECT b.vendor_key, b.part, 1
    FROM (
        SELECT vendor_key, part FROM behind
        UNION
        SELECT vendor_key, part FROM undated
        UNION
        SELECT vendor_key, part FROM behind_twice
        UNION
        SELECT vendor_key, regexp_replace(part, '^(([0-9X]+|ON|TO|AT|A|EN|DU|DE) )+', '') FROM behind_twice
    ) AS b
    WHERE b.part <> ''
),
prefixed AS (
    SELECT s.vendor_key, s.part, max(length(p.prefix_key)) AS length
    FROM starts AS s
    INNER JOIN names.payment_prefixes AS p
        ON p.first_word = split_part(s.part, ' ', 1) AND s.part LIKE p.prefix_key || ' %'
    GROUP BY s.vendor_key, s.part
),
parts AS (
    SELECT s.vendor_key, s.part, s.origin
    FROM starts AS s
    LEFT JOIN fees AS f ON f.vendor_key = s.vendor_key
    WHERE s.origin = 0 OR f.vendor_key IS NULL
    UNION ALL
    SELECT vendor_key, trim(substr(part, length + 1)), 1 FROM prefixed
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
    CASE WHEN f.length IS NULL THEN n.words ELSE trim(substr(n.words, 1, length(n.words) - f.length)) END AS bare_text,
    e.vendor_key IS NOT NULL AS is_fee
FROM numberless AS n
LEFT JOIN fees AS e ON e.vendor_key = n.vendor_key
LEFT JOIN forms AS f ON f.vendor_key = n.vendor_key AND f.text = n.text
