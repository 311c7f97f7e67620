#include "plan/column_users.hpp"

#include "base/text.hpp"
#include "sql/quote.hpp"

namespace sluice::plan {

std::string column_users_sql(const model::Key& table, const std::vector<std::string>& columns) {
  const std::string relation = sql::literal(sql::qualified(table.schema, table.name)) + "::regclass";
  const std::string classes = "'pg_catalog.pg_class'::regclass",
                    depends =
                        " gone g JOIN pg_catalog.pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid\n"
                        "      AND (d.refobjsubid = g.objsubid OR g.objsubid = 0)";
  const std::string is_column = "(d.classid = " + classes + " AND d.objsubid <> 0)";
  std::vector<std::string> names;
  for (const std::string& column : columns) names.push_back(sql::literal(column));
  const std::string begin =
      columns.empty() ? "SELECT " + classes + "::oid AS classid, " + relation + "::oid AS objid, 0 AS objsubid"
                      : "SELECT " + classes +
                            "::oid AS classid, a.attrelid AS objid, a.attnum::integer AS objsubid FROM tables t JOIN "
                            "pg_catalog.pg_attribute a ON a.attrelid = t.oid\n      WHERE a.attname IN (" +
                            text::join(names, ", ") + ")";
  return "WITH RECURSIVE tables AS (\n    SELECT " + relation +
         "::oid AS oid\n"
         "    UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tables t ON i.inhparent = t.oid\n"
         "  ), gone AS (\n    " +
         begin + "\n    UNION SELECT d.classid, d.objid, d.objsubid FROM" + depends +
         "\n      WHERE d.deptype IN ('a', 'i', 'P', 'S') AND NOT " + is_column +
         "\n  )\n"
         "  SELECT DISTINCT regexp_replace(pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), "
         "'^rule \"?_RETURN\"? on ', '') AS who\n    FROM" +
         depends + "\n    WHERE (d.deptype = 'n' OR " + is_column +
         ")\n"
         "      AND (d.classid, d.objid, d.objsubid) NOT IN (SELECT classid, objid, objsubid FROM gone)";
}

}  // namespace sluice::plan
