-- description: The run that made these tables: one row.
-- grain: run_id
-- materialize: table
-- key: run_id
-- column run_id: The run.
-- column as_of: DATE the reports are of, organisation's time zone.
-- column published_at: TIMESTAMP, UTC, at which the run that published them began to compute them.
-- column version: The program's version; NULL when it has none.
-- column organisation: Whose numbers these are.
-- column currency: ISO 4217 code of all money in the reports.
-- column timezone: The organisation's time zone, in which dates are taken.
SELECT r.run_id, r.as_of, r.now_utc AS published_at, p.version, p.organisation, r.currency, r.timezone
FROM params.run AS r
CROSS JOIN params.publication AS p
