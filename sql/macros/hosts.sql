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

-- What has no letter and no digit names no host.
CREATE OR REPLACE MACRO names.clean_host(t) AS
    CASE
        WHEN regexp_full_match(t, '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?') THEN t
        WHEN names.separated(names.bare_host(names.clean_text(t)), '') = '' THEN NULL
        ELSE names.bare_host(names.clean_text(t))
    END;

-- An app or vendor may be called by its address: https://app.slack.com/, slack.com:443, www.slack.com. Monday.com is a name as it stands.
CREATE OR REPLACE MACRO names.clean_app(t) AS
    CASE
        WHEN NOT contains(t, '.') AND NOT contains(t, '://') THEN names.clean_text(t)
        WHEN regexp_full_match(names.clean_text(t), '[A-Za-z][A-Za-z0-9+.-]*://\S+|(?i:www\.)\S+|[^\s/@:]+\.[A-Za-z]{2,24}(?:\.|:\d{1,5}(?:/\S*)?|/\S*)')
            THEN nullif(regexp_replace(names.clean_host(names.clean_text(t)), '^www\.', ''), '')
        ELSE names.clean_text(t)
    END;
