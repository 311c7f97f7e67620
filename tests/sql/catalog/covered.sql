-- A database with everything that an SQL schema covers, as somebody would have made it by hand over the years.
-- pull.mjs makes it, pulls it and makes it again. After a line "-- from N --" come things that PostgreSQL has since N.

-- Schemas, extensions -------------------------------------------------------------------------------------------------
CREATE SCHEMA app;
CREATE SCHEMA "Odd Schema";
CREATE SCHEMA extensions;
COMMENT ON SCHEMA app IS 'the application''s';
CREATE EXTENSION citext;
CREATE EXTENSION btree_gist WITH SCHEMA extensions;
CREATE EXTENSION hstore WITH SCHEMA extensions;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION moddatetime;
COMMENT ON EXTENSION citext IS 'of our own words';

-- Collations, types ---------------------------------------------------------------------------------------------------
CREATE COLLATION german (provider = icu, locale = 'de-u-kn-true');
CREATE COLLATION app.no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION app.plain (provider = libc, lc_collate = 'C', lc_ctype = 'C');
COMMENT ON COLLATION german IS 'numbers as numbers';

CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s "fine"');
CREATE TYPE app.level AS ENUM ();
CREATE TYPE "Odd Schema"."Odd Type" AS ENUM ('A b', 'ä');
CREATE DOMAIN email AS citext CONSTRAINT email_check CHECK (VALUE ~ '^[^@]+@[^@]+$'::citext);
CREATE DOMAIN app.percent AS numeric(5,2) DEFAULT 0 NOT NULL CHECK (VALUE >= 0) CONSTRAINT "at most" CHECK (VALUE <= 100);
CREATE DOMAIN app.small_percent AS app.percent CHECK (VALUE < 10);
CREATE DOMAIN app.tags AS text[] CHECK (cardinality(VALUE) < 10);
CREATE DOMAIN app.german_text AS text COLLATE german DEFAULT 'x''y';
ALTER DOMAIN app.tags ADD CONSTRAINT no_nulls CHECK (array_position(VALUE, NULL) IS NULL) NOT VALID;
COMMENT ON DOMAIN app.percent IS 'of a hundred';
COMMENT ON CONSTRAINT "at most" ON DOMAIN app.percent IS 'not more';
CREATE TYPE address AS (street text COLLATE "C", zip character varying(10), "no" integer, moods mood[]);
CREATE TYPE app.contact AS (home address, mail email, since timestamp(3) with time zone);
CREATE TYPE app.nothing AS ();
COMMENT ON TYPE address IS 'where';
COMMENT ON COLUMN address.zip IS 'as text';
CREATE FUNCTION app.time_difference(a time, b time) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT extract(epoch FROM a - b)::double precision';
CREATE TYPE app.timerange AS RANGE (subtype = time, subtype_diff = app.time_difference);
CREATE TYPE german_range AS RANGE (subtype = text, collation = german, subtype_opclass = text_pattern_ops);
COMMENT ON TYPE app.timerange IS 'hours';

-- Functions -----------------------------------------------------------------------------------------------------------
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  -- a comment; with a semicolon and $$ in it
  NEW.updated_at := now();
  RETURN NEW;
END
$body$;
CREATE FUNCTION add(a integer, b integer DEFAULT 1, VARIADIC rest integer[] DEFAULT '{}') RETURNS integer
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF COST 5 SET search_path TO 'pg_catalog', 'public' AS $$ SELECT a + b $$;
CREATE FUNCTION add(a numeric, b numeric) RETURNS numeric LANGUAGE sql STABLE SECURITY DEFINER SET work_mem = '8MB' AS 'SELECT a + b';
CREATE FUNCTION app.pairs(OUT a integer, OUT "B b" text) RETURNS SETOF record LANGUAGE sql ROWS 3 AS 'VALUES (1, ''x'')';
CREATE FUNCTION app.list(what text, INOUT n bigint) LANGUAGE plpgsql AS $$ BEGIN n := n + 1; END $$;
CREATE FUNCTION app.rows(mood) RETURNS TABLE (id integer, name text) LANGUAGE sql AS $$ SELECT 1, 'it''s \n $1' $$;
CREATE PROCEDURE app.clean(days integer DEFAULT 30, INOUT done integer DEFAULT 0) LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
CREATE FUNCTION "Odd Schema"."Odd Function"("Odd Argument" "Odd Schema"."Odd Type") RETURNS "Odd Schema"."Odd Type" LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION app.made_of(anyelement, anyarray) RETURNS anyarray LANGUAGE sql AS 'SELECT $2 || $1';
CREATE FUNCTION app.log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE FUNCTION app.sum_c(internal, integer) RETURNS internal LANGUAGE internal STRICT AS 'int4_sum';
COMMENT ON FUNCTION add(integer, integer, integer[]) IS 'adds';
COMMENT ON PROCEDURE app.clean(integer, integer) IS 'cleans';

-- Tables --------------------------------------------------------------------------------------------------------------
CREATE SEQUENCE app.invoice_numbers AS integer INCREMENT 10 MINVALUE 5 MAXVALUE 100000 START 15 CACHE 3 CYCLE;
CREATE SEQUENCE down_sequence INCREMENT -1;
COMMENT ON SEQUENCE app.invoice_numbers IS 'no gaps';
CREATE TABLE customers (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 5) PRIMARY KEY,
  email email NOT NULL,
  name text COLLATE german NOT NULL,
  short character varying(20) DEFAULT 'x',
  code character(4) DEFAULT 'a''b',
  home address DEFAULT ROW('a', 'b', 1, NULL),
  work app.contact,
  mood mood DEFAULT 'it''s "fine"'::mood NOT NULL,
  moods mood[] DEFAULT '{sad,ok}',
  odd "Odd Schema"."Odd Type",
  discount app.percent,
  more app.tags,
  attributes extensions.hstore,
  open app.timerange,
  search tsvector GENERATED ALWAYS AS (to_tsvector('english', name)) STORED,
  data jsonb DEFAULT '{"a": [1, "x''y"]}' NOT NULL,
  ip inet, mac macaddr, bits bit(3) DEFAULT B'101', more_bits bit varying(5), money money, place point, doc xml,
  price numeric(10,2) DEFAULT 9.99, raw bytea DEFAULT '\x00ff', during interval DAY TO SECOND(3) DEFAULT '1 day', matrix integer[][],
  uuid uuid DEFAULT gen_random_uuid(), at time(2) without time zone, updated_at timestamp(3) with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
  nullable integer DEFAULT NULL,
  "Odd ""Column""" real DEFAULT 1.5,
  CONSTRAINT customers_email_key UNIQUE (email),
  CONSTRAINT "Odd check" CHECK (("Odd ""Column""" > 0 OR name = 'x;y') AND short <> ALL (ARRAY['a', 'b']))
) WITH (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_vacuum_cost_delay = 5);
ALTER TABLE customers ALTER COLUMN data SET STORAGE EXTERNAL, ALTER COLUMN name SET STATISTICS 500, ALTER COLUMN short SET STORAGE PLAIN;
ALTER TABLE customers ADD CONSTRAINT later CHECK (length(name) < 100) NOT VALID;
ALTER TABLE customers ADD CONSTRAINT not_for_children CHECK (id > 0) NO INHERIT;
ALTER TABLE customers REPLICA IDENTITY USING INDEX customers_email_key;
COMMENT ON TABLE customers IS E'People\nwho have "bought" something\\';
COMMENT ON COLUMN customers."Odd ""Column""" IS 'odd';
COMMENT ON CONSTRAINT "Odd check" ON customers IS 'checked';
COMMENT ON CONSTRAINT customers_email_key ON customers IS 'one each';
COMMENT ON INDEX customers_pkey IS 'the key';

CREATE TABLE app.invoices (
  id integer GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME app.invoices_ids MAXVALUE 1000 CYCLE),
  number integer DEFAULT nextval('app.invoice_numbers') NOT NULL,
  customer_id bigint,
  other_id bigint,
  total numeric DEFAULT (2 + 3) * 2,
  paid boolean DEFAULT false NOT NULL,
  period daterange NOT NULL DEFAULT daterange(CURRENT_DATE, NULL),
  CONSTRAINT invoices_pk PRIMARY KEY (number, id) INCLUDE (total),
  CONSTRAINT invoices_key UNIQUE (number) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT invoices_fk FOREIGN KEY (customer_id) REFERENCES customers (id) ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE,
  CONSTRAINT no_overlap EXCLUDE USING gist (customer_id WITH =, period WITH &&) WHERE (NOT paid) DEFERRABLE
);
ALTER TABLE app.invoices ADD CONSTRAINT other_fk FOREIGN KEY (other_id) REFERENCES customers ON DELETE RESTRICT NOT VALID;
ALTER SEQUENCE app.invoice_numbers OWNED BY app.invoices.number;
COMMENT ON CONSTRAINT no_overlap ON app.invoices IS 'one at a time';
COMMENT ON CONSTRAINT invoices_fk ON app.invoices IS 'whose';
CREATE TABLE app.items (
  id bigserial PRIMARY KEY, small smallserial, invoice integer, invoice_id integer, line integer NOT NULL,
  FOREIGN KEY (invoice, invoice_id) REFERENCES app.invoices (number, id) MATCH FULL,
  parent bigint REFERENCES app.items ON DELETE CASCADE,
  kind text DEFAULT 'a' CHECK (kind IN ('a', 'b')),
  UNIQUE (invoice, line)
);
CREATE TABLE nothing ();
CREATE TABLE "Odd Schema"."Odd Table" ("Odd Key" text PRIMARY KEY, "select" integer, UNIQUE ("select", "Odd Key"));
COMMENT ON TABLE "Odd Schema"."Odd Table" IS 'odd';
CREATE UNLOGGED TABLE app.cache (k text PRIMARY KEY, v jsonb);
ALTER TABLE app.cache REPLICA IDENTITY FULL;
ALTER TABLE app.items REPLICA IDENTITY NOTHING;
CREATE TABLE app.of_circle_a (id integer PRIMARY KEY, b integer);
CREATE TABLE app.of_circle_b (id integer PRIMARY KEY, a integer REFERENCES app.of_circle_a);
ALTER TABLE app.of_circle_a ADD CONSTRAINT circle FOREIGN KEY (b) REFERENCES app.of_circle_b DEFERRABLE INITIALLY DEFERRED;

-- Inheritance, partitions ---------------------------------------------------------------------------------------------
CREATE TABLE things (id integer DEFAULT 1 NOT NULL, label text CHECK (label <> ''), shared date);
CREATE TABLE marks (marked boolean DEFAULT true);
CREATE TABLE big_things (weight integer, label text DEFAULT 'own', PRIMARY KEY (id)) INHERITS (things, marks);
ALTER TABLE big_things ALTER COLUMN shared SET DEFAULT '2026-01-01', ALTER COLUMN shared SET NOT NULL, ALTER COLUMN id SET DEFAULT 2;
CREATE TABLE huge_things (CHECK (weight > 1000)) INHERITS (big_things);
CREATE TABLE app.events (id bigint NOT NULL, at timestamp with time zone NOT NULL, kind text DEFAULT 'x', region text, PRIMARY KEY (id, at, region), CHECK (kind <> '')) PARTITION BY RANGE (at);
CREATE TABLE app.events_2026 PARTITION OF app.events FOR VALUES FROM ('2026-01-01 00:00+00') TO ('2027-01-01 00:00+00');
CREATE TABLE app.events_old PARTITION OF app.events FOR VALUES FROM (MINVALUE) TO ('2026-01-01 00:00+00') PARTITION BY LIST (region);
CREATE TABLE app.events_old_eu PARTITION OF app.events_old FOR VALUES IN ('eu', 'uk', NULL);
CREATE TABLE app.events_old_rest PARTITION OF app.events_old DEFAULT;
CREATE INDEX events_kind_idx ON app.events (kind);
CREATE INDEX ON app.events USING brin (at);
CREATE TABLE app.hashed (id integer, name text COLLATE "C") PARTITION BY HASH (id, lower(name));
CREATE TABLE app.hashed_0 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.hashed_1 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE app.expression_keys (id integer, name text) PARTITION BY RANGE ((id % 10), name COLLATE "C" text_pattern_ops);
COMMENT ON TABLE app.events_2026 IS 'this year';
COMMENT ON INDEX app.events_kind_idx IS 'by kind';

-- Indexes, statistics -------------------------------------------------------------------------------------------------
CREATE INDEX customers_name_idx ON customers (lower(name), email DESC NULLS LAST) WITH (fillfactor = 60) WHERE mood <> 'sad';
CREATE INDEX customers_trgm ON customers USING gin (name gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX customers_c ON customers (name COLLATE "C" text_pattern_ops);
CREATE INDEX customers_hash ON customers USING hash (short);
CREATE INDEX customers_search ON customers USING gist (search tsvector_ops (siglen = 100));
CREATE INDEX customers_data ON customers USING gin (data jsonb_path_ops);
CREATE UNIQUE INDEX customers_once ON customers (short, (data ->> 'a')) INCLUDE (name);
CREATE INDEX "Odd index" ON "Odd Schema"."Odd Table" ("select" NULLS FIRST);
CREATE INDEX items_expression ON app.items ((line + small) DESC);
CREATE STATISTICS app.customers_stats (dependencies, mcv) ON short, code FROM customers;
CREATE STATISTICS items_stats ON line, invoice FROM app.items;
ALTER STATISTICS items_stats SET STATISTICS 200;
COMMENT ON STATISTICS items_stats IS 'go together';

-- Views, rules, triggers ----------------------------------------------------------------------------------------------
CREATE VIEW app.open_invoices AS SELECT i.number, i.total, c.email, count(*) OVER (PARTITION BY c.id) AS of_customer FROM app.invoices i JOIN customers c ON c.id = i.customer_id WHERE NOT i.paid;
CREATE VIEW rich WITH (security_barrier = true, check_option = local) AS SELECT id, name, discount FROM customers WHERE discount > 5;
CREATE VIEW app.on_view AS SELECT * FROM app.open_invoices ORDER BY number LIMIT 5;
CREATE RECURSIVE VIEW app.tree (id, depth) AS SELECT id, 1 FROM app.items WHERE parent IS NULL UNION ALL SELECT i.id, t.depth + 1 FROM app.items i JOIN tree t ON i.parent = t.id;
CREATE VIEW "Odd Schema"."Odd View" AS SELECT "Odd Key" AS "Odd Name", 'it''s; --' AS text FROM "Odd Schema"."Odd Table";
CREATE MATERIALIZED VIEW app.totals WITH (fillfactor = 50) AS SELECT customer_id, sum(total) AS total FROM app.invoices GROUP BY customer_id WITH NO DATA;
CREATE MATERIALIZED VIEW totals_again AS SELECT * FROM app.totals WHERE total > 10 WITH NO DATA;
CREATE UNIQUE INDEX totals_idx ON app.totals (customer_id) INCLUDE (total);
COMMENT ON VIEW rich IS 'who buys';
COMMENT ON COLUMN rich.name IS 'of them';
COMMENT ON MATERIALIZED VIEW app.totals IS 'sums';
CREATE FUNCTION app.of_view(app.open_invoices) RETURNS text LANGUAGE sql AS 'SELECT $1.email::text';
CREATE FUNCTION app.total_of(c customers) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT sum(total) FROM app.invoices WHERE customer_id = c.id';
CREATE FUNCTION app.all_customers() RETURNS SETOF customers LANGUAGE sql AS 'SELECT * FROM customers';
CREATE FUNCTION app.like_column(customers.email%TYPE) RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER TABLE app.items ADD COLUMN computed integer DEFAULT public.add(1, 2), ADD CONSTRAINT calls CHECK (public.add(line, 1) > 0);
CREATE VIEW app.calls AS SELECT public.add(1, 2) AS three, app.total_of(c) AS total FROM customers c;
CREATE INDEX items_calls ON app.items (public.add(line, 1));

CREATE RULE protect AS ON DELETE TO things WHERE old.id = 1 DO INSTEAD NOTHING;
CREATE RULE into_rich AS ON INSERT TO rich DO INSTEAD INSERT INTO customers (email, name) VALUES ('a@b', new.name);
COMMENT ON RULE protect ON things IS 'the first stays';
ALTER TABLE things DISABLE RULE protect;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF name, email ON customers FOR EACH ROW WHEN (new.name IS NOT NULL) EXECUTE FUNCTION app.touch();
CREATE TRIGGER arguments AFTER TRUNCATE ON customers FOR EACH STATEMENT EXECUTE FUNCTION app.touch('a', 'it''s', '3');
CREATE TRIGGER modified BEFORE UPDATE ON app.invoices FOR EACH ROW EXECUTE FUNCTION moddatetime('updated_at');
CREATE TRIGGER transition AFTER UPDATE ON app.items REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION app.touch();
CREATE TRIGGER on_view INSTEAD OF UPDATE ON app.open_invoices FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER on_partitioned AFTER INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER on_partition BEFORE INSERT ON app.events_2026 FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON app.items FROM customers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER "Odd Trigger" BEFORE DELETE ON "Odd Schema"."Odd Table" FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER off BEFORE DELETE ON things FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER replica BEFORE DELETE ON marks FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER always BEFORE INSERT ON marks FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE things DISABLE TRIGGER off;
ALTER TABLE marks ENABLE REPLICA TRIGGER replica;
ALTER TABLE marks ENABLE ALWAYS TRIGGER always;
COMMENT ON TRIGGER "Odd Trigger" ON "Odd Schema"."Odd Table" IS 'odd';
CREATE EVENT TRIGGER on_ddl ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION app.log_ddl();
CREATE EVENT TRIGGER on_drop ON sql_drop EXECUTE FUNCTION app.log_ddl();
ALTER EVENT TRIGGER on_drop DISABLE;
COMMENT ON EVENT TRIGGER on_ddl IS 'who does that';

-- Rights --------------------------------------------------------------------------------------------------------------
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.invoices FORCE ROW LEVEL SECURITY;
ALTER TABLE app.items ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON customers FOR SELECT TO pull_reader, pull_writer USING (mood <> 'sad' AND email = CURRENT_USER::text::citext);
CREATE POLICY writers ON customers AS RESTRICTIVE FOR INSERT WITH CHECK (id IN (SELECT customer_id FROM app.invoices));
CREATE POLICY "Odd Policy" ON app.invoices TO "Pull Odd" USING (true) WITH CHECK (total > 0);
COMMENT ON POLICY readers ON customers IS 'their own';
GRANT USAGE ON SCHEMA app TO pull_reader;
GRANT ALL ON SCHEMA "Odd Schema" TO "Pull Odd" WITH GRANT OPTION;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO pull_reader;
GRANT SELECT, INSERT ON customers, app.open_invoices TO pull_reader;
GRANT SELECT (id, total), UPDATE (total) ON app.invoices TO pull_writer;
GRANT UPDATE (email) ON customers TO pull_writer WITH GRANT OPTION;
GRANT ALL ON app.cache TO pull_writer;
GRANT SELECT ON app.totals TO PUBLIC;
GRANT USAGE ON SEQUENCE app.invoice_numbers TO pull_writer;
GRANT ALL ON SEQUENCE app.items_id_seq TO pull_reader;
GRANT SELECT ON app.events, app.events_2026 TO pull_reader;
REVOKE EXECUTE ON FUNCTION add(integer, integer, integer[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add(integer, integer, integer[]) TO pull_reader WITH GRANT OPTION;
GRANT EXECUTE ON PROCEDURE app.clean(integer, integer) TO pull_writer;
REVOKE USAGE ON TYPE mood FROM PUBLIC;
GRANT USAGE ON TYPE address TO "Pull Odd";
GRANT USAGE ON DOMAIN app.percent TO pull_reader;
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE PUBLICATION some_changes FOR TABLE customers, app.invoices WITH (publish = 'insert, delete');
CREATE PUBLICATION by_root FOR TABLE app.events WITH (publish_via_partition_root = true);
COMMENT ON PUBLICATION everything IS 'all';

-- from 14 --
ALTER TABLE customers ALTER COLUMN data SET COMPRESSION pglz;
CREATE TYPE app.with_multirange AS RANGE (subtype = double precision, multirange_type_name = app.many_ranges);
CREATE FUNCTION app.standard(a integer) RETURNS numeric LANGUAGE sql STABLE BEGIN ATOMIC SELECT sum(total) FROM app.invoices WHERE number > a; SELECT max(of_customer) FROM app.open_invoices; END;
CREATE FUNCTION app.standard_return(a integer) RETURNS integer LANGUAGE sql RETURN a + 1;
CREATE STATISTICS app.of_expressions ON (lower(name)), (data ->> 'a') FROM customers;
CREATE PROCEDURE app.out_only(IN a integer, OUT b integer) LANGUAGE sql AS 'SELECT a';

-- from 15 --
CREATE UNIQUE INDEX customers_same ON customers (short, code) NULLS NOT DISTINCT;
ALTER TABLE app.items ADD CONSTRAINT items_same UNIQUE NULLS NOT DISTINCT (kind, small);
CREATE VIEW app.by_invoker WITH (security_invoker = true) AS SELECT number FROM app.invoices;
CREATE TABLE app.pairs_to (a integer, b bigint, PRIMARY KEY (a, b));
CREATE TABLE app.pairs_of (a integer, b bigint, FOREIGN KEY (a, b) REFERENCES app.pairs_to ON DELETE SET NULL (b));
CREATE PUBLICATION filtered FOR TABLE customers (id, name) WHERE (id > 10), app.items;
CREATE PUBLICATION of_schema FOR TABLE customers, TABLES IN SCHEMA app;

-- from 16 --
CREATE COLLATION app.ruled (provider = icu, locale = 'und', rules = '&V << w <<< W');
ALTER TABLE customers ALTER COLUMN work SET STORAGE DEFAULT;

-- from 17 --
CREATE COLLATION app.built_in (provider = builtin, locale = 'C.UTF-8');
GRANT MAINTAIN ON customers TO pull_writer;
CREATE EVENT TRIGGER on_login ON login EXECUTE FUNCTION app.log_ddl();
ALTER EVENT TRIGGER on_login DISABLE;
ALTER TABLE app.events ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;

-- from 18 --
CREATE TABLE app.computed (a integer, b integer GENERATED ALWAYS AS (a * 2), c integer GENERATED ALWAYS AS (a + 1) STORED);
ALTER TABLE app.computed ADD CONSTRAINT not_enforced CHECK (a > 5) NOT ENFORCED;
CREATE TABLE app.periods (id integer, valid daterange, PRIMARY KEY (id, valid WITHOUT OVERLAPS));
CREATE TABLE app.of_periods (id integer, during daterange, FOREIGN KEY (id, PERIOD during) REFERENCES app.periods (id, PERIOD valid));
ALTER TABLE app.of_circle_b ADD CONSTRAINT loose FOREIGN KEY (id) REFERENCES app.of_circle_a NOT ENFORCED;
CREATE PUBLICATION computed FOR TABLE app.computed WITH (publish_generated_columns = stored);
