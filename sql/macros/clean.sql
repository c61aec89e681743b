-- description: Text and addresses as people see them. What nobody sees (zero-width and bidirectional marks, soft hyphens, byte order marks) goes, white space of any kind is one space, none at the ends. Every feed's columns pass through these.
--
-- Joiners without width stay between letters of scripts that need them. Plain text, which most is, is not taken apart.
CREATE OR REPLACE MACRO names.clean_text(t) AS
    CASE
        WHEN strlen(t) = length(t) AND NOT contains(t, '  ') AND t = trim(t) AND NOT contains(t, chr(9)) AND NOT contains(t, chr(10)) AND NOT contains(t, chr(13)) THEN nullif(t, '')
        ELSE nullif(trim(regexp_replace(
            regexp_replace(
                regexp_replace(t, '[\x{00AD}\x{061C}\x{180E}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FFF9}-\x{FFFB}\x{0000}-\x{0008}\x{000E}-\x{001F}\x{007F}-\x{0084}\x{0086}-\x{009F}]+', '', 'g'),
                '(^|[\x{0000}-\x{024F}\x{0660}-\x{0669}\x{06F0}-\x{06F9}\x{1E00}-\x{1EFF}\x{2000}-\x{206F}\x{2C60}-\x{2C7F}\x{3000}-\x{3003}\x{A720}-\x{A7FF}\x{FF01}-\x{FF60}])[\x{200C}\x{200D}]+', '\1', 'g'),
            '[\s\x{0085}\x{00A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]+', ' ', 'g')), '')
    END;

-- An address in brackets behind a name, or as mail programs and directories write it (mailto:, SMTP:), is the address alone.
CREATE OR REPLACE MACRO names.bare_address(t) AS
    nullif(regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(t, '[\x{200C}\x{200D}]+', '', 'g'),
                '^.*<([^<>]*)>[^<>]*$', '\1'),
            '^[\s"''(\[<,;.:]*(?i:mailto:|smtp:|sip:|e-?mail:\s*)?|\?[^@]*$', '', 'g'),
        '^[\s"''(\[<,;.:]+|[\s"'')\]>,;.:]+$', '', 'g'), '');

-- Who is a guest in a Microsoft directory signs in as ann_partner.example#EXT#@acme.onmicrosoft.com, an account of Microsoft's own as
-- live.com#ann@partner.example: ann@partner.example both times. No domain has an underscore, so the last one stands for the @.
CREATE OR REPLACE MACRO names.guest_address(t) AS
    CASE
        WHEN contains(t, '#') THEN regexp_replace(regexp_replace(t, '^(.+)_([^_@]+)(?i:#EXT#)@.*$', '\1@\2'), '^(?i:live\.com#)', '')
        ELSE t
    END;

CREATE OR REPLACE MACRO names.clean_address(t) AS
    CASE
        WHEN strlen(t) = length(t) AND NOT contains(t, '<') AND NOT contains(t, ':') AND NOT contains(t, '?') AND NOT contains(t, '#')
            AND ((right(t, 1) BETWEEN 'a' AND 'z') OR (right(t, 1) BETWEEN 'A' AND 'Z') OR (right(t, 1) BETWEEN '0' AND '9'))
            AND ((left(t, 1) BETWEEN 'a' AND 'z') OR (left(t, 1) BETWEEN 'A' AND 'Z') OR (left(t, 1) BETWEEN '0' AND '9')) THEN t
        WHEN NOT contains(t, '@') THEN names.clean_text(t)
        ELSE names.guest_address(names.bare_address(names.clean_text(t)))
    END;

CREATE OR REPLACE MACRO names.clean_addresses(t) AS
    CASE
        WHEN contains(t, '@') THEN nullif(array_to_string(list_filter(
            list_transform(regexp_split_to_array(t, '[;,\n]'), lambda a: names.clean_address(a)), lambda a: a IS NOT NULL), ';'), '')
        ELSE names.clean_text(t)
    END;

-- Every run of what is no letter and no digit becomes one separator. The class lists the punctuation, symbols, spaces and format
-- characters of the scripts that software is named in: [^\p{L}\p{N}] says nearly the same, but DuckDB compiles a pattern for each
-- place that it stands in, and that one takes 3 ms, a tenth of a small run. Vowel signs of other scripts stay with their letters.
CREATE OR REPLACE MACRO names.separated(t, separator) AS
    regexp_replace(t, '[\x{0000}-\x{002F}\x{003A}-\x{0040}\x{005B}-\x{0060}\x{007B}-\x{00A9}\x{00AB}-\x{00B1}\x{00B4}\x{00B6}-\x{00B8}\x{00BB}\x{00BF}\x{00D7}\x{00F7}\x{02C2}-\x{02C5}\x{02D2}-\x{02DF}\x{02E5}-\x{02EB}\x{02ED}\x{02EF}-\x{036F}\x{0375}\x{037E}\x{0384}-\x{0385}\x{0387}\x{03F6}\x{0482}\x{055A}-\x{055F}\x{0589}-\x{058F}\x{05BE}\x{05C0}\x{05C3}\x{05C6}\x{05F3}-\x{060F}\x{061B}-\x{061F}\x{066A}-\x{066D}\x{06D4}\x{2000}-\x{206F}\x{2072}-\x{2073}\x{207A}-\x{207E}\x{208A}-\x{208F}\x{20A0}-\x{2101}\x{2103}-\x{2106}\x{2108}-\x{2109}\x{2114}\x{2116}-\x{2118}\x{211E}-\x{2123}\x{2125}\x{2127}\x{2129}\x{212E}\x{213A}-\x{213B}\x{2140}-\x{2144}\x{214A}-\x{214D}\x{214F}\x{218A}-\x{245F}\x{249C}-\x{24E9}\x{2500}-\x{2775}\x{2794}-\x{2BFF}\x{2E00}-\x{2E2E}\x{2E30}-\x{3004}\x{3008}-\x{3020}\x{3030}\x{3036}-\x{3037}\x{303D}-\x{303F}\x{309B}-\x{309C}\x{30A0}\x{30FB}\x{FB29}\x{FD3E}-\x{FD4F}\x{FDFC}-\x{FE6F}\x{FEFF}-\x{FF0F}\x{FF1A}-\x{FF20}\x{FF3B}-\x{FF40}\x{FF5B}-\x{FF65}\x{FFE0}-\x{FFFF}\x{1F000}-\x{1F0FF}\x{1F10D}-\x{1FAFF}\x{E0000}-\x{E01FF}]+', separator, 'g');
