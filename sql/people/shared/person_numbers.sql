-- description: People, as the models know them: what is asked of few of them needs no small integers.
SELECT person_id, person_id AS person_no
FROM core.people
