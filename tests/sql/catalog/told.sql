-- What the model cannot hold: pull tells it, and says the rest as before. Behind each statement how it is told.
CREATE AGGREGATE app.total (numeric) (sfunc = numeric_add, stype = numeric); -- aggregate app.total
CREATE OPERATOR app.=== (leftarg = integer, rightarg = integer, function = pg_catalog.int4eq); -- operator app.===
CREATE OPERATOR FAMILY app.family USING btree; -- operator family app.family
CREATE OPERATOR CLASS app.by_length FOR TYPE mood USING hash AS FUNCTION 1 hashenum(anyenum); -- operator class app.by_length
CREATE CAST (mood AS app.level) WITH INOUT; -- cast mood AS app.level
CREATE TYPE app.shell; -- base type app.shell
CREATE TEXT SEARCH CONFIGURATION app.words (COPY = english); -- text search configuration app.words
CREATE TEXT SEARCH DICTIONARY app.stems (template = simple); -- text search dictionary app.stems
CREATE CONVERSION app.conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8; -- conversion app.conversion
CREATE FOREIGN DATA WRAPPER nowhere; -- foreign data wrapper nowhere
CREATE SERVER far FOREIGN DATA WRAPPER nowhere; -- foreign server far
CREATE FOREIGN TABLE app.far_away (id integer) SERVER far; -- foreign table app.far_away
CREATE USER MAPPING FOR pull_reader SERVER far; -- user mapping FOR pull_reader SERVER far
CREATE LANGUAGE pull_language HANDLER plpgsql_call_handler; -- language pull_language
CREATE ACCESS METHOD pull_method TYPE TABLE HANDLER heap_tableam_handler; -- access method pull_method
CREATE SUBSCRIPTION pull_subscription CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false); -- subscription pull_subscription
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO pull_reader; -- default privileges app.postgres
CREATE TABLE app.typed OF app.contact; -- table of a type app.typed
ALTER TABLE app.events_2026 ADD CONSTRAINT only_here CHECK (kind <> 'y'); -- part of a partition app.events_2026.only_here
CREATE INDEX only_here_too ON app.events_2026 (kind); -- part of a partition app.events_2026.only_here_too
ALTER TABLE app.events_old_rest ALTER COLUMN kind SET DEFAULT 'rest'; -- part of a partition app.events_old_rest.kind
ALTER TABLE customers ALTER COLUMN code SET (n_distinct = -0.5); -- options of a column customers.code
ALTER VIEW rich ALTER COLUMN name SET DEFAULT 'somebody'; -- default of a view rich.name
ALTER TABLE customers CLUSTER ON customers_email_key; -- clustered on an index customers
ALTER INDEX app.items_expression ALTER COLUMN 1 SET STATISTICS 300; -- statistics of a column app.items_expression.expr
ALTER MATERIALIZED VIEW app.totals ALTER COLUMN total SET STATISTICS 50; -- statistics of a column app.totals.total
CREATE TRANSFORM FOR integer LANGUAGE plpgsql (FROM SQL WITH FUNCTION pg_catalog.textlike_support(internal)); -- transform FOR integer LANGUAGE plpgsql
