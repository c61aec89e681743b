-- description: Every column of every public table: what it means, its unit, when it is NULL, and the file that makes it. The same as the comments on the tables and docs/dictionary.md.
-- grain: schema_name, table_name, position
-- materialize: table
-- key: schema_name, table_name, position
-- column schema_name: reports (also in exports/) or core (also in lake/core/).
-- column table_name: The table.
-- column position: The column's place in the table, from 1.
-- column column_name: The column.
-- column data_type: Its type, in DuckDB's words.
-- column is_key: Whether it is one of the columns that identify a row; false throughout where a table has no key.
-- column meaning: What it holds, as its COMMENT says.
-- column unit: What a value is counted in: count, day, days, percent, a currency, …; NULL for texts, flags and ranks.
-- column null_rule: When a value is NULL (unknown, never zero), or "never NULL".
-- column source_file: The SQL file that makes the table, within the project.
SELECT
    schema_name,
    table_name,
    position,
    column_name,
    data_type,
    is_key,
    meaning,
    unit,
    null_rule,
    source_file
FROM params.dictionary
