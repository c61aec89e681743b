-- description: The form in which words of vocabularies are compared: without case, accents and punctuation. Currency signs stay.
CREATE OR REPLACE MACRO names.word_key(word) AS
    nullif(trim(regexp_replace(strip_accents(lower(word)), '[^\p{L}\p{N}\p{Sc}]+', ' ', 'g')), '');

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
