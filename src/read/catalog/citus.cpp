#include "read/catalog/citus.hpp"

#include <map>
#include <optional>

#include "base/text.hpp"
#include "model/distribution.hpp"
#include "read/catalog/reader.hpp"
#include "sql/statements.hpp"

namespace sluice::read {

namespace {

// The catalogs as far as queries::distribution asks for them. A column is kept by its number, as Citus does, so that it
// may be renamed. Of the groups that fit, Citus takes the oldest.
constexpr const char* stand_in = R"(
SET LOCAL allow_system_table_mods = on;
CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass PRIMARY KEY, partmethod "char" NOT NULL, partkey text,
  colocationid integer NOT NULL, repmodel "char" NOT NULL, autoconverted boolean NOT NULL DEFAULT false);
CREATE TABLE pg_catalog.pg_dist_colocation (colocationid integer GENERATED ALWAYS AS IDENTITY, shardcount integer,
  distributioncolumntype oid);
CREATE FUNCTION pg_catalog.column_to_column_name(regclass, text) RETURNS text LANGUAGE sql AS $$
  SELECT attname FROM pg_attribute WHERE attrelid = $1 AND attnum = $2::int $$;
CREATE FUNCTION pg_catalog.sluice_shards() RETURNS integer LANGUAGE sql AS $$
  SELECT coalesce(nullif(current_setting('citus.shard_count', true), ''), '32')::integer $$;
CREATE FUNCTION pg_catalog.sluice_forget_dropped() RETURNS void LANGUAGE sql AS $$
  DELETE FROM pg_dist_partition p WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = p.logicalrelid);
  DELETE FROM pg_dist_colocation g WHERE NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.colocationid = g.colocationid) $$;
CREATE FUNCTION pg_catalog.sluice_spread(spread regclass, by_column text, beside text, shards integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE place pg_attribute; joins integer;
BEGIN
  PERFORM sluice_forget_dropped();
  SELECT * INTO place FROM pg_attribute WHERE attrelid = spread AND attname = by_column AND attnum > 0 AND NOT attisdropped;
  IF NOT FOUND THEN
    RAISE undefined_column USING MESSAGE = format('column "%s" of relation "%s" does not exist', by_column, spread);
  END IF;
  IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = spread) THEN
    RAISE invalid_table_definition USING MESSAGE = format('table "%s" is already distributed', spread);
  END IF;
  IF beside = 'default' THEN
    SELECT min(colocationid) INTO joins FROM pg_dist_colocation WHERE distributioncolumntype = place.atttypid
      AND shardcount = coalesce(shards, sluice_shards());
  ELSIF beside <> 'none' THEN
    SELECT colocationid INTO joins FROM pg_dist_partition WHERE logicalrelid = beside::regclass AND partmethod = 'h';
    IF NOT FOUND THEN
      RAISE undefined_table USING MESSAGE = format('relation %s is not distributed', beside);
    END IF;
  END IF;
  IF joins IS NULL THEN
    INSERT INTO pg_dist_colocation (shardcount, distributioncolumntype)
      VALUES (coalesce(shards, sluice_shards()), place.atttypid) RETURNING colocationid INTO joins;
  END IF;
  INSERT INTO pg_dist_partition VALUES (spread, 'h', place.attnum, joins, 's');
END $$;
CREATE FUNCTION pg_catalog.create_distributed_table(table_name regclass, distribution_column text,
  distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default', shard_count integer DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$ SELECT sluice_spread(table_name, distribution_column, colocate_with, shard_count) $$;
CREATE FUNCTION pg_catalog.create_distributed_table_concurrently(table_name regclass, distribution_column text,
  distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default', shard_count integer DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$ SELECT sluice_spread(table_name, distribution_column, colocate_with, shard_count) $$;
CREATE FUNCTION pg_catalog.create_reference_table(table_name regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sluice_forget_dropped();
  IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = table_name) THEN
    RAISE invalid_table_definition USING MESSAGE = format('table "%s" is already distributed', table_name);
  END IF;
  INSERT INTO pg_dist_partition VALUES (table_name, 'n', NULL, 0, 't');
END $$;
CREATE FUNCTION pg_catalog.undistribute_table(table_name regclass, cascade_via_foreign_keys boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM pg_dist_partition WHERE logicalrelid = table_name;
  IF NOT FOUND THEN
    RAISE object_not_in_prerequisite_state USING MESSAGE = format('cannot undistribute table %s because it is not distributed', table_name);
  END IF;
END $$;
CREATE FUNCTION pg_catalog.alter_distributed_table(table_name regclass, distribution_column text DEFAULT NULL,
  shard_count integer DEFAULT NULL, colocate_with text DEFAULT NULL, cascade_to_colocated boolean DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE was record;
BEGIN
  DELETE FROM pg_dist_partition p WHERE p.logicalrelid = table_name AND p.partmethod = 'h'
    RETURNING column_to_column_name(p.logicalrelid, p.partkey) AS by_column, p.colocationid INTO was;
  IF NOT FOUND THEN
    RAISE object_not_in_prerequisite_state USING MESSAGE = format('relation %s should be a hash distributed table', table_name);
  END IF;
  PERFORM sluice_spread(table_name, coalesce(distribution_column, was.by_column), coalesce(colocate_with,
    (SELECT logicalrelid::text FROM pg_dist_partition WHERE colocationid = was.colocationid AND distribution_column IS NULL
      AND shard_count IS NULL LIMIT 1), 'default'), shard_count);
END $$;
CREATE FUNCTION pg_catalog.update_distributed_table_colocation(table_name regclass, colocate_with text) RETURNS void
LANGUAGE sql AS $$ SELECT alter_distributed_table(table_name, colocate_with => colocate_with) $$;
CREATE FUNCTION pg_catalog.citus_add_local_table_to_metadata(table_name regclass, cascade_via_foreign_keys boolean DEFAULT false)
  RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION pg_catalog.truncate_local_data_after_distributing_table(table_name regclass) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION pg_catalog.create_distributed_function(regprocedure, text DEFAULT NULL, text DEFAULT NULL, boolean DEFAULT NULL)
  RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION pg_catalog.citus_set_coordinator_host(text, integer DEFAULT 5432) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION pg_catalog.citus_add_node(text, integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
GRANT ALL ON pg_catalog.pg_dist_partition, pg_catalog.pg_dist_colocation TO PUBLIC;
)";

}  // namespace

bool speaks_of_citus(std::string_view sql) {
  const std::string lower = text::to_lower(sql);
  for (const char* word : {"citus", "distributed_table", "create_reference_table", "undistribute_table"})
    if (lower.find(word) != std::string::npos) return true;
  return false;
}

std::string without_citus_extension(std::string_view sql) {
  std::string out(sql);
  for (const sql::Chunk& chunk : sql::chunks(sql))
    for (const sql::Statement& statement : sql::statements(chunk)) {
      const std::vector<std::string> tokens = sql::tokens(statement.text);
      if (!sql::begins_with(tokens, {"create", "extension"})) continue;
      const size_t name = tokens.size() > 5 && tokens[2] == "if" ? 5 : 2;
      if (tokens.size() <= name || text::replace_all(tokens[name], "\"", "") != "citus") continue;
      const auto at = static_cast<size_t>(statement.text.data() - sql.data());
      for (size_t i = at; i < at + statement.text.size(); i++)
        if (out[i] != '\n') out[i] = ' ';
    }
  return out;
}

void make_citus_stand_in(server::Connection& connection) {
  if (!connection.execute("SELECT to_regclass('pg_catalog.pg_dist_partition')").text(0, 0).empty()) return;
  std::optional<server::Transaction> transaction;
  if (!connection.in_transaction()) transaction.emplace(connection);
  connection.execute(stand_in);
  if (transaction) transaction->commit();
}

void Reader::distribution(const server::Rows& rows) {
  std::map<model::Key, model::Table*> known;
  for (model::Table& table : model::all<model::Table>(out.schema)) known.emplace(table.key, &table);
  std::map<model::Key, std::string> groups;
  for (const auto& cells : rows.rows) {
    const Row row(cells);
    const model::Key key = row.key(0, 1);
    auto found = known.find(key);
    if (found == known.end()) continue;  // a partition goes where its table goes
    model::Table& table = *found->second;
    const std::string& method = row.text(2);
    if (method == "h") {
      table.distributed = {{"by", model::Literal{row.text(4)}}};
      if (!row.null(6)) table.distributed.push_back({"shards", model::Literal{row.text(6), false}});
      groups[key] = row.text(5);
      note("distributed table", key, "by " + row.text(4), true);
    } else if (method == "n" && row.text(3) == "t") {
      table.distributed = {{"reference", model::Literal{"true", false}}};
      note("reference table", key, "", true);
    } else if (method != "n" || row.text(5) != "0") {
      note("table that Citus distributes otherwise than by hash", key, method == "n" ? "as one shard" : "", true);
    } else if (!row.is(7)) {
      note("local table that Citus knows", key, "", true);
    }
  }
  model::set_colocation(out.schema, groups);
}

}  // namespace sluice::read
