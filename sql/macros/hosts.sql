-- description: Hosts as proxies, gateways and people write them. Of an address only the host is left, in lower case: no scheme, user, port, path, wildcard or last dot.
CREATE OR REPLACE MACRO names.bare_host(t) AS
    regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            regexp_replace(lower(t), '[。．｡]', '.', 'g'),
                            '^(?:[a-z][a-z0-9+.-]*:)?[/\\]{2,}', ''),
                        '[/\\?#].*$', ''),
                    '^.*@', ''),
                '^(\[.*\]|[^:]*):\d*$', '\1'),
            '^\[(.*)\]$', '\1'),
        '^(?:\*?\.)+|\.+$', '', 'g');

-- The host that a clean text names. What has no letter and no digit names none.
CREATE OR REPLACE MACRO names.host_of(clean) AS
    CASE WHEN names.separated(names.bare_host(clean), '') <> '' THEN names.bare_host(clean) END;

CREATE OR REPLACE MACRO names.clean_host(t) AS
    CASE
        WHEN regexp_full_match(t, '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?') THEN t
        ELSE names.host_of(names.clean_text(t))
    END;

-- An app or vendor may be called by its address: https://app.slack.com/, slack.com:443, www.slack.com. Monday.com is a name as it stands.
CREATE OR REPLACE MACRO names.clean_app(t) AS
    CASE
        WHEN NOT contains(t, '.') AND NOT contains(t, '://') THEN names.clean_text(t)
        WHEN regexp_full_match(names.clean_text(t), '[A-Za-z][A-Za-z0-9+.-]*://\S+|(?i:www\.)\S+|[^\s/@:]+\.[A-Za-z]{2,24}(?:\.|:\d{1,5}(?:/\S*)?|/\S*)')
            THEN nullif(regexp_replace(names.host_of(names.clean_text(t)), '^www\.', ''), '')
        ELSE names.clean_text(t)
    END;
