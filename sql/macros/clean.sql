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

CREATE OR REPLACE MACRO names.clean_address(t) AS
    CASE
        WHEN strlen(t) = length(t) AND NOT contains(t, '<') AND NOT contains(t, ':') AND NOT contains(t, '?')
            AND ((right(t, 1) BETWEEN 'a' AND 'z') OR (right(t, 1) BETWEEN 'A' AND 'Z') OR (right(t, 1) BETWEEN '0' AND '9'))
            AND ((left(t, 1) BETWEEN 'a' AND 'z') OR (left(t, 1) BETWEEN 'A' AND 'Z') OR (left(t, 1) BETWEEN '0' AND '9')) THEN t
        WHEN NOT contains(t, '@') THEN names.clean_text(t)
        ELSE names.bare_address(names.clean_text(t))
    END;

CREATE OR REPLACE MACRO names.clean_addresses(t) AS
    CASE
        WHEN contains(t, '@') THEN nullif(array_to_string(list_filter(
            list_transform(regexp_split_to_array(t, '[;,\n]'), lambda a: names.clean_address(a)), lambda a: a IS NOT NULL), ';'), '')
        ELSE names.clean_text(t)
    END;
