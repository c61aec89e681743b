-- description: The form in which words of vocabularies are compared: without case, accents and punctuation. Currency signs stay.
CREATE OR REPLACE MACRO names.word_key(word) AS
    nullif(trim(regexp_replace(strip_accents(lower(word)), '[^\p{L}\p{N}\p{Sc}]+', ' ', 'g')), '');

-- Tiers are compared by their word, as vendors write + or "plus", "Business+" or "business plus".
CREATE OR REPLACE MACRO names.tier_key(tier) AS
    coalesce(names.word_key(replace(tier, '+', ' plus ')), nullif(lower(trim(tier)), ''));
