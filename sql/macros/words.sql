-- description: The forms in which names and words of vocabularies are compared: without case, accents and punctuation.
--
-- Apps and vendors by name: "Zoom Workplace", zoom_workplace -> zoom-workplace.
CREATE OR REPLACE MACRO names.slug(name) AS
    nullif(trim(names.separated(lower(name), '-'), '-'), '');

-- Texts of statements: "ZOOM.US 888-799" -> ZOOM US 888 799.
CREATE OR REPLACE MACRO names.spaced(t) AS
    trim(names.separated(upper(t), ' '));

-- The class is that of separated without the currency signs, which are words of their own.
CREATE OR REPLACE MACRO names.word_key(word) AS
    nullif(trim(regexp_replace(strip_accents(lower(word)), '[\x{0000}-\x{0023}\x{0025}-\x{002F}\x{003A}-\x{0040}\x{005B}-\x{0060}\x{007B}-\x{00A1}\x{00A6}-\x{00A9}\x{00AB}-\x{00B1}\x{00B4}\x{00B6}-\x{00B8}\x{00BB}\x{00BF}\x{00D7}\x{00F7}\x{02C2}-\x{02C5}\x{02D2}-\x{02DF}\x{02E5}-\x{02EB}\x{02ED}\x{02EF}-\x{036F}\x{0375}\x{037E}\x{0384}-\x{0385}\x{0387}\x{03F6}\x{0482}\x{055A}-\x{055F}\x{0589}-\x{058E}\x{05BE}\x{05C0}\x{05C3}\x{05C6}\x{05F3}-\x{060A}\x{060C}-\x{060F}\x{061B}-\x{061F}\x{066A}-\x{066D}\x{06D4}\x{2000}-\x{206F}\x{2072}-\x{2073}\x{207A}-\x{207E}\x{208A}-\x{208F}\x{20D0}-\x{2101}\x{2103}-\x{2106}\x{2108}-\x{2109}\x{2114}\x{2116}-\x{2118}\x{211E}-\x{2123}\x{2125}\x{2127}\x{2129}\x{212E}\x{213A}-\x{213B}\x{2140}-\x{2144}\x{214A}-\x{214D}\x{214F}\x{218A}-\x{245F}\x{249C}-\x{24E9}\x{2500}-\x{2775}\x{2794}-\x{2BFF}\x{2E00}-\x{2E2E}\x{2E30}-\x{3004}\x{3008}-\x{3020}\x{3030}\x{3036}-\x{3037}\x{303D}-\x{303F}\x{309B}-\x{309C}\x{30A0}\x{30FB}\x{FB29}\x{FD3E}-\x{FD4F}\x{FDFD}-\x{FE68}\x{FE6A}-\x{FE6F}\x{FEFF}-\x{FF03}\x{FF05}-\x{FF0F}\x{FF1A}-\x{FF20}\x{FF3B}-\x{FF40}\x{FF5B}-\x{FF65}\x{FFE2}-\x{FFE4}\x{FFE7}-\x{FFFF}\x{1F000}-\x{1F0FF}\x{1F10D}-\x{1FAFF}\x{E0000}-\x{E01FF}]+', ' ', 'g')), '');

-- What a word for a currency is looked up by: GBp is the penny, GBX, which no list takes for the pound.
CREATE OR REPLACE MACRO names.currency_word(word) AS
    CASE WHEN trim(word) = 'GBp' THEN 'GBX' ELSE upper(trim(word)) END;

-- Words of fixed lists that are one name, however they are joined: "Attended Meeting", attended-meeting.
CREATE OR REPLACE MACRO names.underscored(word) AS
    replace(replace(lower(trim(word)), ' ', '_'), '-', '_');

-- Tiers are compared by their word, as vendors write + or "plus", "Business+" or "business plus".
CREATE OR REPLACE MACRO names.tier_key(tier) AS
    coalesce(names.word_key(replace(tier, '+', ' plus ')), nullif(lower(trim(tier)), ''));

-- How a line of a contract is known from reading to reading; product is the app or vendor as sent. What line_of says tells lines
-- of one line_ref apart.
CREATE OR REPLACE MACRO names.line_ref(line_id, product, tier) AS
    coalesce(nullif(trim(line_id), ''), product || coalesce(' ' || tier, ''));

CREATE OR REPLACE MACRO names.line_of(product, tier, start_date) AS
    product || ' / ' || coalesce(names.tier_key(tier), '') || ' / ' || coalesce(CAST(start_date AS VARCHAR), '');
