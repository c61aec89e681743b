-- description: What every model reads, from the vendors' streams to the reports: one row per model.
-- grain: model
-- materialize: table
-- key: model
-- column model: The model, as schema.name.
-- column layer: feed (what staging delivers), staging (a vendor's payload to a feed), core, metrics or reports. Only core and reports are published.
-- column description: What it is, in a sentence; NULL where its header does not say.
-- column grain: What one row is; NULL for feeds and staging.
-- column materialized: How its rows are kept: view, table, upsert, snapshot, accumulate, numbered, once, dated, merge or as_of.
-- column source_file: The SQL file, within the project; a connector's of your own lies beside its manifest.
-- column inputs: What it reads, by name, with commas between: models, seeds.* (lists in sql/seeds or the workspace's seeds folder), params.* (the configuration and the run) and, for staging, connection/stream. NULL when nothing has been read yet.
SELECT model, layer, nullif(description, '') AS description, grain, materialized, source_file, inputs
FROM params.lineage
