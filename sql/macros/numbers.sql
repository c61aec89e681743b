-- description: Numbers, days and durations as vendors write them in texts, and what a currency's smallest unit is. What is no number is NULL, never a guess: the staging models say which of these could not be read.
--
-- A count is whole: 25, 25.0 or, in groups of three, 1,000. "25 seats" and 25.5 are none.
CREATE OR REPLACE MACRO names.count_of(t) AS
    CASE
        WHEN regexp_full_match(trim(t), '\d{1,12}(\.0{1,4})?') THEN CAST(CAST(trim(t) AS DECIMAL(18, 4)) AS BIGINT)
        WHEN regexp_full_match(trim(t), '\d{1,3}([, ''’\x{00A0}\x{202F}]\d{3}){1,3}(\.0{1,4})?')
            THEN CAST(CAST(regexp_replace(trim(t), '[, ''’\x{00A0}\x{202F}]', '', 'g') AS DECIMAL(18, 4)) AS BIGINT)
    END;

-- An amount: plain digits or, in groups of three, 1,200.50. Ten decimals are kept: prices of an event or a second need them.
CREATE OR REPLACE MACRO names.amount_of(t) AS
    CASE
        WHEN regexp_full_match(trim(t), '-?\d{1,3}([, ''’\x{00A0}\x{202F}]\d{3}){1,3}(\.\d+)?')
            THEN TRY_CAST(regexp_replace(trim(t), '[, ''’\x{00A0}\x{202F}]', '', 'g') AS DECIMAL(24, 10))
        ELSE TRY_CAST(t AS DECIMAL(24, 10))
    END;

-- The day that a date or a time begins with; infinity, and a year that can't be written, is none.
CREATE OR REPLACE MACRO names.day_of(t) AS
    CASE WHEN TRY_CAST(left(t, 10) AS DATE) BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN TRY_CAST(left(t, 10) AS DATE) END;

-- P1Y6M, P90D: ISO 8601 without times of day, and of no more digits than any contract's.
CREATE OR REPLACE MACRO names.is_duration(t) AS
    regexp_full_match(t, 'P(\d{1,4}Y)?(\d{1,5}M)?(\d{1,5}W)?(\d{1,6}D)?') AND t <> 'P';

-- How many of a currency's smallest units make one, by ISO 4217: 1 yen, 100 cents, 1,000 fils.
CREATE OR REPLACE MACRO names.minor_units(currency) AS
    CASE
        WHEN upper(trim(currency)) IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 1
        WHEN upper(trim(currency)) IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 1000
        WHEN upper(trim(currency)) IN ('CLF', 'UYW') THEN 10000
        ELSE 100
    END;

-- Whole months from a first to a last day, at least 1. A month that begins on a day the next one lacks ends with that month.
CREATE OR REPLACE MACRO names.whole_months(first_day, last_day) AS
    greatest(
        CAST(1 AS BIGINT),
        CAST(
            (year(CAST(last_day + INTERVAL '1' DAY AS DATE)) - year(first_day)) * 12 + month(CAST(last_day + INTERVAL '1' DAY AS DATE)) - month(first_day)
            - CASE
                WHEN day(CAST(last_day + INTERVAL '1' DAY AS DATE)) < day(first_day) AND day(CAST(last_day + INTERVAL '2' DAY AS DATE)) <> 1 THEN 1
                ELSE 0
            END AS BIGINT
        )
    );

-- A number with decimals as people write it, without zeros at its end.
CREATE OR REPLACE MACRO names.plain_number(x) AS
    rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.');

-- How many of what, for people: 1 seat, 2 seats.
CREATE OR REPLACE MACRO names.counted(n, one, several) AS
    CAST(n AS VARCHAR) || ' ' || CASE WHEN n = 1 THEN one ELSE several END;
