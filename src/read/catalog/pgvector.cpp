#include "read/catalog/pgvector.hpp"

#include "base/text.hpp"
#include "sql/quote.hpp"

namespace sluice::read {

namespace {

// A vector is a text with a length. All belongs to an extension, so that no reader takes it for the schema's own, and
// DROP EXTENSION takes it away. 15900: no oid of PostgreSQL's own extension, which has one of the first behind the
// catalogs'.
constexpr const char* stand_in = R"(DO $sluice_vector$
DECLARE t text; o text; n text := coalesce(to_regnamespace({0})::text, 'public');
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'vector') THEN RETURN; END IF;
  FOREACH t IN ARRAY ARRAY['vector', 'halfvec', 'sparsevec'] LOOP
    EXECUTE format('CREATE TYPE %7$s.%1$I;
      CREATE FUNCTION %7$s.%2$I(cstring, oid, integer) RETURNS %7$s.%1$I LANGUAGE internal IMMUTABLE STRICT AS ''varcharin'';
      CREATE FUNCTION %7$s.%3$I(%7$s.%1$I) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS ''varcharout'';
      CREATE FUNCTION %7$s.%4$I(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS ''varchartypmodin'';
      CREATE FUNCTION %7$s.%5$I(integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS ''varchartypmodout'';
      CREATE TYPE %7$s.%1$I (INPUT = %7$s.%2$I, OUTPUT = %7$s.%3$I, TYPMOD_IN = %7$s.%4$I, TYPMOD_OUT = %7$s.%5$I,
        LIKE = pg_catalog.varchar);
      CREATE FUNCTION %7$s.%6$I(%7$s.%1$I, %7$s.%1$I) RETURNS float8 LANGUAGE sql IMMUTABLE AS ''SELECT 0::float8''',
      t, t || '_in', t || '_out', t || '_typmod_in', t || '_typmod_out', t || '_distance', n);
    FOREACH o IN ARRAY ARRAY['<->', '<=>', '<#>', '<+>'] LOOP
      EXECUTE format('CREATE OPERATOR %4$s.%1$s (LEFTARG = %4$s.%2$I, RIGHTARG = %4$s.%2$I, FUNCTION = %4$s.%3$I)',
        o, t, t || '_distance', n);
    END LOOP;
  END LOOP;
  PERFORM set_config('allow_system_table_mods', 'on', true);
  INSERT INTO pg_catalog.pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    SELECT 15900, 'vector', r.oid, n::regnamespace, true, '0.0' FROM pg_catalog.pg_roles r WHERE r.rolname = current_user;
  INSERT INTO pg_catalog.pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
    SELECT m.class, m.oid, 0, 'pg_catalog.pg_extension'::regclass, 15900, 0, 'e' FROM (
      SELECT 'pg_catalog.pg_type'::regclass AS class, oid FROM pg_catalog.pg_type WHERE typnamespace = n::regnamespace
        AND typname IN ('vector', 'halfvec', 'sparsevec')
      UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, oid FROM pg_catalog.pg_proc WHERE pronamespace = n::regnamespace
        AND proname ~ '^(vector|halfvec|sparsevec)_(in|out|typmod_in|typmod_out|distance)$'
      UNION ALL SELECT 'pg_catalog.pg_operator'::regclass, p.oid FROM pg_catalog.pg_operator p JOIN pg_catalog.pg_type y
        ON y.oid = p.oprleft WHERE p.oprnamespace = n::regnamespace AND y.typname IN ('vector', 'halfvec', 'sparsevec')) m;
  PERFORM set_config('allow_system_table_mods', 'off', true);
END $sluice_vector$)";

}  // namespace

bool has_pgvector(server::Connection& connection) {
  return !connection.execute("SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = 'vector'").empty();
}

std::string pgvector_stand_in(const std::string& schema) {
  return text::replace_all(text::replace_all(stand_in, "{0}", sql::literal(sql::identifier(schema))), "\n", " ");
}

void make_pgvector_stand_in(server::Connection& connection, const std::string& schema) {
  connection.execute("SELECT " + sql::literal(sql::identifier(schema)) + "::regnamespace");
  connection.execute(pgvector_stand_in(schema));
}

}  // namespace sluice::read
