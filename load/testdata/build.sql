-- A build as the transform stage leaves it, of a made-up organisation of 412 people.
CREATE SCHEMA core; CREATE SCHEMA reports; CREATE SCHEMA metrics; CREATE SCHEMA _state; CREATE SCHEMA params;

CREATE TABLE params.run AS SELECT DATE '2026-11-22' AS as_of;
CREATE TABLE metrics.spans AS SELECT range AS person FROM range(1000);
CREATE TABLE _state.models AS SELECT 'reports.engagement' AS model, 'abc' AS fingerprint;

CREATE TABLE core.people AS
SELECT 'p' || lpad(CAST(i AS VARCHAR), 4, '0') AS person_id, 'person' || i || '@acme.example' AS primary_email,
       ['Engineering','Sales','Support','Marketing','Finance','People'][1 + i % 6] AS team
FROM range(412) t(i);
COMMENT ON TABLE core.people IS 'One row per person with today''s attributes.';
COMMENT ON COLUMN core.people.person_id IS 'Stable id of the person.';

CREATE TABLE apps_seed(n INTEGER, app_id VARCHAR, app_name VARCHAR, vendor VARCHAR, category VARCHAR, instance_id VARCHAR, basis VARCHAR, conn VARCHAR, base DOUBLE, engaged DOUBLE, licences BIGINT, price DOUBLE, found BOOLEAN);
INSERT INTO apps_seed VALUES
(1,'zoom','Zoom','Zoom Communications','Meetings','zoom-prod','connector_exact','zoom',398,0.71,450,149.9,false),
(2,'zoom','Zoom','Zoom Communications','Meetings','zoom-sandbox','connector_exact','zoom',12,0.25,NULL,NULL,false),
(3,'slack','Slack','Salesforce','Messaging','slack','sso_assigned','okta',409,0.93,420,87.0,false),
(4,'github','GitHub','Microsoft','Developer tools','github','engaged_120d','github',131,0.88,150,252.0,false),
(5,'salesforce','Salesforce','Salesforce','CRM','salesforce','sso_assigned','okta',118,0.55,105,1980.0,false),
(6,'figma','Figma','Figma','Design','figma','sso_assigned_estimated','okta',64,0.42,120,540.0,false),
(7,'notion','Notion','Notion Labs','Knowledge','notion','sso_login_120d','entra',205,0.61,NULL,NULL,false),
(8,'jira','Jira','Atlassian','Project tracking','jira','sso_assigned','okta',251,0.77,260,98.4,false),
(9,'netsuite','NetSuite','Oracle','Finance','netsuite','sso_assigned','okta',21,0.81,25,1188.0,false),
(10,'zendesk','Zendesk','Zendesk','Support','zendesk','sso_assigned','okta',73,0.9,90,1380.0,false),
(11,'tableau','Tableau','Salesforce','Analytics','tableau','sso_login_120d','entra',41,0.34,100,840.0,false),
(12,'miro','Miro','Miro','Whiteboard','miro','sso_login_120d','entra',87,0.38,NULL,NULL,false),
(13,'box','Box','Box','Files','box','none',NULL,NULL,NULL,60,180.0,false),
(14,'canva','Canva','Canva','Design','canva','none',NULL,NULL,NULL,NULL,NULL,true),
(15,'grammarly','Grammarly','Grammarly','Writing','grammarly','none',NULL,NULL,NULL,NULL,NULL,true),
(16,'chatgpt','ChatGPT','OpenAI','Assistants','chatgpt','none',NULL,NULL,NULL,NULL,NULL,true),
(17,'evil','=HYPERLINK("http://evil.example","<script>alert(1)</script>")','<img src=x onerror=alert(2)>','@SUM(1+1)','evil','none',NULL,NULL,NULL,NULL,NULL,true);

CREATE TABLE reports.provisioned_users_daily AS
SELECT CAST(d.day AS DATE) AS date, s.app_id, s.instance_id,
  CASE WHEN s.basis = 'none' THEN NULL
       WHEN s.app_id = 'notion' AND d.i BETWEEN 120 AND 138 THEN NULL
       ELSE CAST(round(s.base * (0.72 + 0.28 * d.i / 239) + (hash(s.n * 1000 + d.i // 7) % 5) + (CASE WHEN s.app_id = 'zoom' AND s.n = 1 AND d.i < 150 THEN -60 ELSE 0 END)) AS BIGINT) END AS provisioned_users,
  CASE WHEN s.app_id = 'zoom' AND d.i < 150 THEN 'sso_login_120d'
       WHEN s.app_id = 'notion' AND d.i BETWEEN 120 AND 138 THEN 'none'
       WHEN s.basis = 'sso_assigned_estimated' AND d.i < 217 THEN 'sso_assigned'
       WHEN s.basis = 'sso_assigned' AND d.i < 60 THEN 'sso_login_120d' ELSE s.basis END AS basis,
  s.conn AS basis_connection,
  CASE WHEN s.conn IS NULL THEN NULL WHEN s.app_id = 'figma' AND d.i > 217 THEN DATE '2026-10-31' ELSE CAST(d.day AS DATE) END AS basis_as_of,
  CAST(120 AS BIGINT) AS window_days, d.i >= 119 AS window_complete, (s.app_id = 'figma' AND d.i > 219) AS is_stale
FROM apps_seed s CROSS JOIN (SELECT i, DATE '2026-03-28' + CAST(i AS INTEGER) AS day FROM range(240) t(i)) d
WHERE NOT s.found;

CREATE TABLE reports.engagement AS
SELECT DATE '2026-11-22' AS as_of, CAST(w.w AS BIGINT) AS window_days, app_id, instance_id,
  CAST(base AS BIGINT) AS provisioned_users, basis, CAST(base * least(1, engaged * (0.9 + w.w / 400.0)) AS BIGINT) AS engaged_users,
  CAST(base AS BIGINT) - CAST(base * least(1, engaged * (0.9 + w.w / 400.0)) AS BIGINT) AS not_engaged_users,
  CASE WHEN base IS NULL THEN NULL ELSE CAST(n % 3 AS BIGINT) END AS engaged_not_provisioned,
  100.0 * CAST(base * least(1, engaged * (0.9 + w.w / 400.0)) AS BIGINT) / base AS engaged_pct,
  CASE WHEN conn IN ('okta','entra') THEN CAST(base * 0.8 AS BIGINT) END AS unique_logins,
  CASE WHEN conn IN ('okta','entra') THEN 80.0 END AS login_pct, app_id = 'figma' AS is_stale
FROM apps_seed, (VALUES (30),(60),(90),(120)) w(w) WHERE NOT found;

CREATE TABLE reports.app_portfolio AS
SELECT DATE '2026-11-22' AS as_of, app_id, any_value(app_name) AS app_name, any_value(vendor) AS vendor, any_value(category) AS category,
  CASE WHEN app_id = 'box' THEN 'delayed' ELSE 'active' END AS status, any_value(found) AS is_discovered,
  CASE WHEN any_value(found) THEN 'spend' ELSE coalesce(any_value(conn) || ', ', '') || 'contracts, spend' END AS sources,
  CAST(sum(base) AS BIGINT) AS provisioned_users, min(basis) AS basis, CAST(sum(round(base * engaged)) AS BIGINT) AS engaged_users_30d,
  CASE WHEN min(basis) LIKE 'sso%' THEN CAST(sum(round(base * 0.8)) AS BIGINT) END AS unique_logins_30d,
  max(licences) AS licences, CASE WHEN sum(base) IS NOT NULL THEN greatest(0, max(licences) - CAST(max(base) AS BIGINT)) END AS unused_licences,
  CAST(max(licences * price) AS DECIMAL(18,2)) AS contract_annual_spend, CAST(max(licences * price) * 2 AS DECIMAL(18,2)) AS total_contract_value,
  CASE WHEN max(licences) IS NOT NULL THEN DATE '2026-12-31' + CAST(min(n) * 23 AS INTEGER) END AS upcoming_end_date,
  CAST(coalesce(max(licences * price), min(n) * 311.25) * 0.97 AS DECIMAL(18,2)) AS spend_12m,
  CAST(max(licences * price) / sum(base) AS DECIMAL(18,2)) AS cost_per_provisioned,
  CAST(max(licences * price) / nullif(sum(round(base * engaged)), 0) AS DECIMAL(18,2)) AS cost_per_engaged
FROM apps_seed GROUP BY app_id;

CREATE TABLE reports.contract_usage AS
SELECT DATE '2026-11-22' AS as_of, 'C-' || (1000 + n) AS contract_id, '1' AS line_id, app_id, instance_id,
  CASE WHEN n % 2 = 0 THEN 'Business' ELSE 'Enterprise' END AS tier, licences, CAST(base AS BIGINT) AS provisioned_users,
  CAST(round(base * engaged) AS BIGINT) AS engaged_users_30d, greatest(0, licences - CAST(base AS BIGINT)) AS unused_licences,
  greatest(0, CAST(base AS BIGINT) - licences) AS over_provisioned, CAST(licences * price AS DECIMAL(18,2)) AS annual_spend,
  CAST(licences * price * 0.97 AS DECIMAL(18,2)) AS spend_12m, CAST(licences * price / nullif(round(base * engaged), 0) AS DECIMAL(18,2)) AS cost_per_engaged
FROM apps_seed WHERE licences IS NOT NULL;
ALTER TABLE reports.contract_usage ADD COLUMN unused_cost DECIMAL(18,2);
UPDATE reports.contract_usage SET unused_cost = CAST(annual_spend * unused_licences / licences AS DECIMAL(18,2)) WHERE provisioned_users IS NOT NULL;
UPDATE reports.contract_usage SET unused_licences = NULL, over_provisioned = NULL WHERE provisioned_users IS NULL;

CREATE TABLE reports.team_engagement AS
SELECT DATE '2026-11-22' AS as_of, CAST(30 AS BIGINT) AS window_days, 'team' AS dimension, t.team AS dimension_value, s.app_id,
  CAST(60 + 9 * t.k AS BIGINT) AS people, CAST(least(60 + 9 * t.k, base / 6 + hash(n * 7 + t.k) % 9) AS BIGINT) AS provisioned_users,
  CAST(least(base / 6, least(60 + 9 * t.k, base / 6) * least(1, engaged * (0.6 + (hash(n * 31 + t.k) % 50) / 80.0))) AS BIGINT) AS active_users,
  100.0 * least(1, engaged * (0.6 + (hash(n * 31 + t.k) % 50) / 80.0)) AS active_pct, 'engagement' AS activity_source
FROM apps_seed s CROSS JOIN (VALUES (1,'Engineering'),(2,'Sales'),(3,'Support'),(4,'Marketing'),(5,'Finance'),(6,NULL)) t(k, team)
WHERE base > 40;

CREATE TABLE reports.feature_usage AS
SELECT DATE '2026-11-22' AS as_of, CAST(30 AS BIGINT) AS window_days, 'zoom' AS app_id, 'zoom-prod' AS instance_id, f AS feature,
  CAST(u AS BIGINT) AS users, CAST(u * 17 AS BIGINT) AS events, 100.0 * u / 398 AS users_pct
FROM (VALUES ('meeting_hosted', 122), ('meeting_attended', 280), ('screen_shared', 96), ('video_on', 241)) v(f, u);

CREATE TABLE reports.spend_by_department AS
SELECT CAST(m.month AS DATE) AS month, d.department, s.app_id, s.vendor,
  CAST(coalesce(licences * price, n * 311.25) / 60 * (0.8 + (hash(n * 100 + d.k * 10 + m.i) % 40) / 100.0) AS DECIMAL(18,2)) AS amount, CAST(1 + n % 3 AS BIGINT) AS transactions,
  'software' AS spend_class
FROM apps_seed s CROSS JOIN (VALUES (1,'Engineering'),(2,'Sales'),(3,'Support'),(4,'Marketing'),(5,NULL)) d(k, department)
CROSS JOIN (SELECT i, DATE '2025-12-01' + to_months(CAST(i AS INTEGER)) AS month FROM range(12) t(i)) m
WHERE n <> 2 AND app_id <> 'evil';

INSERT INTO reports.spend_by_department SELECT month, 'Sales', NULL, 'LUFTHANSA', 900000.00, 1, 'probably_not_software' FROM range(12) t(i)
CROSS JOIN LATERAL (SELECT CAST(DATE '2025-12-01' + to_months(CAST(i AS INTEGER)) AS DATE) AS month) m;
CREATE TABLE reports.spend_by_class AS
SELECT month, spend_class, CAST(sum(amount) AS DECIMAL(18,2)) AS amount, CAST(sum(transactions) AS BIGINT) AS transactions FROM reports.spend_by_department GROUP BY ALL;

CREATE TABLE reports.unmapped_spend AS
SELECT 'T-' || i AS transaction_id, DATE '2026-11-01' + CAST(i AS INTEGER) AS date,
  ['=cmd|'' /C calc''!A0','+49 30 1234','-2+3','@mention','SQ *CORNER, "CAFE"', NULL, ''][1 + i] AS vendor_text,
  CAST(-12.5 * i AS DECIMAL(18,2)) AS amount, NULL::VARCHAR AS nearest_vendor, 0.1 * i AS score, 'no vendor is near enough' AS reason,
  CASE WHEN i = 4 THEN 'probably_not_software' WHEN i = 1 THEN 'software' ELSE 'unknown' END AS spend_class
FROM range(7) t(i);

CREATE TABLE reports.discovered_apps AS
SELECT DATE '2026-11-22' AS as_of, app_id, app_name, DATE '2026-11-20' - CAST(n * 9 AS INTEGER) AS first_seen, 'spend, network' AS sources,
  CAST(n AS BIGINT) AS people, CAST(n * 302.11 AS DECIMAL(18,2)) AS spend_12m, CASE WHEN n % 2 = 0 THEN CAST(n * 3 AS BIGINT) END AS network_people_30d,
  NULL::BIGINT AS social_people_30d
FROM apps_seed WHERE found;

CREATE TABLE reports.disagreements AS
SELECT DATE '2026-11-22' AS as_of, 'left_but_provisioned' AS kind, 'zoom' AS app_id, 'zoom-prod' AS instance_id, 'p0' || i AS person_id,
  'leaver' || i || '@acme.example' AS email, 'left on 2026-09-30, still on the roster' AS detail FROM range(7) t(i);

CREATE TABLE reports.estimate_accuracy AS
SELECT app_id, rule, idp, CAST(w AS BIGINT) AS window_days, CAST(c AS BIGINT) AS comparisons, CAST(1 + c % 3 AS BIGINT) AS instances, DATE '2026-03-31' AS first_date,
  DATE '2026-11-22' AS last_date, CAST(bias AS DOUBLE) AS bias_pct, CAST(typical AS DOUBLE) AS median_error_pct, CAST(2 * typical AS DOUBLE) AS largest_error_pct,
  CAST(100 - 4 * typical AS DOUBLE) AS within_10_pct
FROM (VALUES ('(all)','engaged_120d','',30,26,-24.2,23.5), ('(all)','engaged_120d','',120,26,-9.14,9.6), ('(all)','sso_assigned','okta',0,13,14.0,13.2),
 ('(all)','sso_login_120d','entra_id',120,13,0.01,4.5), ('(all)','sso_login_120d','our_"own"_<idp>',120,1,-2.5,2.5),
 ('zoom','engaged_120d','',30,13,-24.2,23.5), ('zoom','engaged_120d','',120,13,-9.14,9.6), ('evil','sso_assigned','okta',0,13,14.0,13.2)) v(app_id, rule, idp, w, c, bias, typical);
CREATE TABLE reports.savings AS
SELECT * FROM (VALUES
 (DATE '2026-11-22','zoom','zoom-prod','deprovision',CAST(7 AS BIGINT),CAST(105.00 AS DECIMAL(18,2)),CAST(90.00 AS DECIMAL(18,2)),CAST(15.00 AS DECIMAL(18,2))),
 (DATE '2026-11-22','slack',NULL,'unused_licence',CAST(12 AS BIGINT),NULL,NULL,NULL)) t(as_of,app_id,instance_id,kind,quantity,monthly_saving,certain,likely);

CREATE TABLE reports.headlines AS
SELECT DATE '2026-11-22' AS as_of, measure, CAST(quantity AS BIGINT) AS quantity, CAST(amount AS DECIMAL(18,2)) AS amount FROM (VALUES
 ('apps',16,NULL), ('apps_in_use',15,NULL), ('discovered_apps',4,NULL), ('licences',1780,NULL), ('contract_spend',1,694611.00), ('unused_licences',213,102330.21),
 ('unmeasured_licences',60,NULL), ('over_provisioned',14,25740.00), ('saving_certain',NULL,90.00), ('saving_likely',NULL,15.00), ('software_spend_12m',NULL,700123.45), ('unknown_spend_12m',NULL,0.00)) v(measure, quantity, amount);

CREATE TABLE reports.attention AS
SELECT DATE '2026-11-22' AS as_of, kind, subject, severity, title, detail, CAST(due AS DATE) AS due_date, CAST(amount AS DECIMAL(18,2)) AS amount, CAST(people AS BIGINT) AS people FROM (VALUES
 ('connection_error','okta','act','okta: app_assignments could not be brought up to date','403 Forbidden: You do not have permission to perform the requested action <b>E0000006</b>; grant okta.apps.read',NULL,NULL,NULL),
 ('left_but_provisioned','zoom','act','Zoom: 7 people who have left still have a seat','See disagreements.',NULL,NULL,7),
 ('notice_due','C-1001','act','Zoom: notice is due in 9 days','Contract C-1001 renews itself after 2027-01-23.','2026-12-01',67455.00,NULL),
 ('stale_numbers','figma','watch','Figma: old numbers','A source behind them is late, or was never read to the end.',NULL,NULL,NULL),
 ('unused_licences','figma','watch','Figma: 56 of 120 licences unused','Nobody holds them; see contract_usage for the lines.','2027-01-31',30240.00,NULL),
 ('discovered','evil','note','=HYPERLINK("http://evil.example","<script>alert(1)</script>"): discovered on 2026-06-20','Seen by spend only; nobody manages it.',NULL,5135.87,17)
 ) v(kind, subject, severity, title, detail, due, amount, people);

CREATE TABLE reports.realised_savings AS
SELECT * FROM (VALUES
 (DATE '2026-11-22',DATE '2026-08-31','zoom','zoom-prod','deprovision',CAST(9 AS BIGINT),CAST(4 AS BIGINT),CAST(135.00 AS DECIMAL(18,2)),CAST(60.00 AS DECIMAL(18,2))),
 (DATE '2026-11-22',DATE '2026-10-31','zoom','zoom-prod','downgrade',CAST(1 AS BIGINT),CAST(0 AS BIGINT),CAST(5.00 AS DECIMAL(18,2)),CAST(0.00 AS DECIMAL(18,2)))
 ) t(as_of,recommended_on,app_id,instance_id,kind,recommended_people,done_people,recommended_saving,realised_saving);

ALTER TABLE reports.savings ADD COLUMN is_stale BOOLEAN DEFAULT false;
UPDATE reports.savings SET is_stale = app_id = 'zoom';
ALTER TABLE reports.realised_savings ADD COLUMN is_stale BOOLEAN DEFAULT false;
UPDATE reports.realised_savings SET is_stale = kind = 'downgrade';
ALTER TABLE reports.team_engagement ADD COLUMN is_stale BOOLEAN DEFAULT false;
UPDATE reports.team_engagement SET is_stale = app_id = 'box';
ALTER TABLE reports.headlines ADD COLUMN is_stale BOOLEAN DEFAULT false;
UPDATE reports.headlines SET is_stale = measure LIKE 'saving%';
ALTER TABLE reports.contract_usage ADD COLUMN is_stale BOOLEAN DEFAULT false;
UPDATE reports.contract_usage SET is_stale = app_id = 'slack';

CREATE TABLE reports.connection_health AS
SELECT * FROM (VALUES
 ('bamboohr','employees','connected',TIMESTAMP '2026-11-22 03:00:12',TIMESTAMP '2026-11-22 00:00:00',CAST(412 AS BIGINT),false,NULL),
 ('entra','sign_ins','connected',TIMESTAMP '2026-11-22 03:00:41',TIMESTAMP '2026-11-22 02:40:00',CAST(81231 AS BIGINT),false,NULL),
 ('okta','system_log','connected',TIMESTAMP '2026-11-22 03:01:10',TIMESTAMP '2026-11-22 02:59:00',CAST(210444 AS BIGINT),false,NULL),
 ('okta','app_assignments','error',TIMESTAMP '2026-10-31 03:01:22',TIMESTAMP '2026-10-31 00:00:00',CAST(51003 AS BIGINT),true,'403 Forbidden: You do not have permission to perform the requested action <b>E0000006</b>; grant okta.apps.read'),
 ('ramp','transactions','connected',TIMESTAMP '2026-11-22 03:00:30',TIMESTAMP '2026-11-21 00:00:00',CAST(2114 AS BIGINT),false,NULL),
 ('netskope','application_events','not_connected',NULL,NULL,CAST(0 AS BIGINT),true,NULL),
 ('zoom','users','connected',TIMESTAMP '2026-11-22 03:00:55',TIMESTAMP '2026-11-22 00:00:00',CAST(410 AS BIGINT),false,NULL)
) v(connection, stream, state, last_success_at, watermark, rows_total, is_stale, error);

CREATE TABLE reports.data_quality AS
SELECT * FROM (VALUES
 ('run-1','fx_rate_missing','warning',CAST(3 AS BIGINT),'T-77 of 2026-11-03: no rate for SEK'),
 ('run-1','record_set_aside','warning',CAST(2 AS BIGINT),'uploads/people-2026-11-01.csv line 17: email is empty'),
 ('run-1','provisioned_daily_unique','error',CAST(0 AS BIGINT),NULL)
) v(run_id, check_name, severity, failing_rows, sample);

CREATE TABLE reports.rightsizing(as_of DATE, app_id VARCHAR, instance_id VARCHAR, person_id VARCHAR, email VARCHAR, tier VARCHAR, segment VARCHAR, reason VARCHAR, last_active DATE, suggested_tier VARCHAR, monthly_saving DECIMAL(18,2));

COMMENT ON TABLE reports.provisioned_users_daily IS 'Provisioned users of each app instance for every day, with the rule that gave the number.';
COMMENT ON TABLE reports.engagement IS 'Provisioned against engaged users of each app instance in windows of 30, 60, 90 and 120 days.';
COMMENT ON TABLE reports.app_portfolio IS 'Every app known, with people, licences and money.';
COMMENT ON TABLE reports.contract_usage IS 'Each contract line beside its use.';
COMMENT ON COLUMN reports.app_portfolio.app_name IS 'Name from the catalogue, or as the source spelt it.';

CREATE TABLE _state.reports(report VARCHAR, key_columns VARCHAR, description VARCHAR);
INSERT INTO _state.reports VALUES
 ('provisioned_users_daily','date,app_id,instance_id',NULL), ('engagement','as_of,window_days,app_id,instance_id',NULL),
 ('team_engagement','as_of,window_days,dimension,dimension_value,app_id',NULL), ('feature_usage','as_of,window_days,app_id,instance_id,feature',NULL),
 ('app_portfolio','as_of,app_id',NULL), ('contract_usage','as_of, contract_id, line_id',NULL), ('spend_by_department','month,department,app_id,vendor',NULL), ('spend_by_class','month,spend_class',NULL),
 ('unmapped_spend','transaction_id',NULL), ('discovered_apps','as_of,app_id',NULL), ('connection_health','connection,stream',NULL), ('estimate_accuracy','app_id,rule,idp,window_days',NULL), ('data_quality','run_id,check_name',NULL);
DROP TABLE apps_seed;
