#include "plan/carry.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/beyond_render.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

namespace {

bool has_comment(const Schema& known, const Key& table, const std::string& column) {
  const std::string name = plain_identity("COLUMN " + full_name(table) + "." + column);
  return std::any_of(all<Comment>(known).begin(), all<Comment>(known).end(), [&](const Comment& comment) {
    return comment.key.owner() == table && plain_identity(comment.key.name) == name;
  });
}

std::string run_all(const std::string& query) {
  return "DO $sluice$\nDECLARE\n  line text;\nBEGIN\n  FOR line IN\n" + query +
         "\n  LOOP\n    EXECUTE line;\n  END LOOP;\nEND\n$sluice$;";
}

constexpr const char* grantee = "CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE p.grantee::regrole::text END";

}  // namespace

std::string carry_rights(const Key& table, const std::vector<std::string>& from, const std::string& to) {
  std::vector<std::string> names;
  for (const std::string& name : from) names.push_back(sql::literal(clipped(name)));
  return run_all("    SELECT format('GRANT %s (%I) ON %s TO %s%s', p.privilege_type, " + sql::literal(clipped(to)) +
                 ", a.attrelid::regclass, " + grantee +
                 ",\n        CASE WHEN bool_and(p.is_grantable) THEN ' WITH GRANT OPTION' END)\n"
                 "      FROM pg_catalog.pg_attribute a, aclexplode(a.attacl) p\n      WHERE a.attrelid = " +
                 sql::literal(table_name(table)) + "::regclass AND a.attname IN (" + text::join(names, ", ") +
                 ")\n      GROUP BY a.attrelid, p.privilege_type, p.grantee HAVING count(DISTINCT a.attnum) = " +
                 std::to_string(from.size()));
}

std::string carry_over(const Schema& known, const Key& table,
                       const std::vector<std::pair<std::string, std::string>>& columns, bool same_type) {
  std::vector<std::string> pairs, said_comments, said_statistics, said_storage, said_compression;
  for (const auto& [from, to] : columns) {
    const std::string name = sql::literal(clipped(from));
    pairs.push_back("(" + name + ", " + sql::literal(clipped(to)) + ")");
    const Column* said = find<Column>(known, {table.schema, table.name, from});
    if (has_comment(known, table, from)) said_comments.push_back(name);
    if (said && said->statistics) said_statistics.push_back(name);
    if (said && said->storage) said_storage.push_back(name);
    if (said && said->compression) said_compression.push_back(name);
  }
  std::string lines;
  auto line = [&](const std::string& text, const std::vector<std::string>& said) {
    lines += (lines.empty() ? "" : ",\n") + std::string("        ");
    lines += said.empty() ? text : "CASE WHEN a.attname NOT IN (" + text::join(said, ", ") + ") THEN " + text + " END";
  };
  const std::string alter = "format('ALTER TABLE %s ALTER COLUMN %I SET ', a.attrelid::regclass, c.new) || ";
  line(
      "format('COMMENT ON COLUMN %s.%I IS ', a.attrelid::regclass, c.new) || quote_literal(col_description(a.attrelid, "
      "a.attnum))",
      said_comments);
  line(alter + "'(' || array_to_string(a.attoptions, ', ') || ')'", {});
  // The default is -1 until PostgreSQL 16, and NULL from 17 on.
  line(alter + "'STATISTICS ' || nullif(a.attstattarget, -1)", said_statistics);
  if (same_type) {
    line("CASE WHEN a.attstorage <> t.typstorage THEN " + alter +
             "'STORAGE ' ||\n          CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN "
             "'MAIN' ELSE 'EXTENDED' END END",
         said_storage);
    // There is no such column before PostgreSQL 14.
    line(alter + "'COMPRESSION ' || CASE to_jsonb(a) ->> 'attcompression' WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END",
         said_compression);
  }
  return run_all(
      "    SELECT said FROM (VALUES " + text::join(pairs, ", ") + ") AS c (old, new)\n" +
      "      JOIN pg_catalog.pg_attribute a ON a.attrelid = " + sql::literal(table_name(table)) +
      "::regclass AND a.attname = c.old\n"
      "      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid\n"
      "      CROSS JOIN LATERAL unnest(ARRAY[\n" +
      lines +
      "\n      ] || ARRAY(\n"
      "        SELECT format('GRANT %s (%I) ON %s TO %s%s', p.privilege_type, c.new, a.attrelid::regclass, " +
      grantee +
      ",\n          CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION' END) FROM aclexplode(a.attacl) p\n"
      "      ) || ARRAY(\n"
      "        SELECT format('SECURITY LABEL FOR %I ON COLUMN %s.%I IS %L', l.provider, a.attrelid::regclass, c.new, "
      "l.label)\n"
      "          FROM pg_catalog.pg_seclabel l WHERE (l.classoid, l.objoid, l.objsubid) = ('pg_class'::regclass, "
      "a.attrelid, a.attnum)\n"
      "      )) AS said WHERE said IS NOT NULL");
}

std::string note_marks(const Key& table) {
  auto name = [&](const std::string& mark) {
    return "coalesce((SELECT c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid\n"
           "    WHERE i.indrelid = " +
           sql::literal(table_name(table)) + "::regclass AND i." + mark + "), '')";
  };
  return "SELECT set_config('sluice.replica_identity', " + name("indisreplident") +
         ", true),\n  set_config('sluice.clustered_on', " + name("indisclustered") + ", true);";
}

std::string restore_marks(const Key& table) {
  const std::string alter = sql::literal(alter_table(table));
  return "DO $sluice$\nBEGIN\n"
         "  IF current_setting('sluice.replica_identity') <> '' THEN\n    EXECUTE " +
         alter +
         " || format('REPLICA IDENTITY USING INDEX %I', current_setting('sluice.replica_identity'));\n  END IF;\n"
         "  IF current_setting('sluice.clustered_on') <> '' THEN\n    EXECUTE " +
         alter + " || format('CLUSTER ON %I', current_setting('sluice.clustered_on'));\n  END IF;\nEND\n$sluice$;";
}

}  // namespace sluice::plan
