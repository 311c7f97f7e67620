#include "plan/column_users.hpp"

#include <cctype>

#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/render.hpp"
#include "sql/quote.hpp"

namespace sluice::plan {

std::string column_users_sql(const model::Key& table, const std::vector<std::string>& columns) {
  const std::string relation = sql::literal(table_name(table)) + "::regclass";
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

std::string says_name(const std::string& name) {
  auto is_word = [](char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
  };
  std::string out;
  for (const char c : name) out += (is_word(c) ? "" : "\\") + std::string(1, c);
  return (!name.empty() && is_word(name.front()) ? "\\m" : "") + out +
         (!name.empty() && is_word(name.back()) ? "\\M" : "");
}

std::string refuse_unknown_users(const model::Key& table, const std::vector<std::string>& columns,
                                 const std::vector<const model::View*>& views, const std::set<std::string>& known,
                                 const std::string& hint) {
  auto list = [](const auto& names) {
    std::vector<std::string> out;
    for (const std::string& name : names) out.push_back(sql::literal(model::clipped(name)));
    return text::join(out, ", ");
  };
  std::vector<std::string> relations;
  for (const model::View* view : views) relations.push_back(sql::literal(full_name(view->key)) + "::regclass");
  return "DO $sluice$\nDECLARE\n  reader text;\nBEGIN\n  FOR reader IN\n"
         "    WITH RECURSIVE tree AS (SELECT " +
         sql::literal(table_name(table)) +
         "::regclass::oid AS oid\n"
         "      UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree t ON i.inhparent = t.oid)\n"
         "    SELECT regexp_replace(pg_describe_object(d.classid, d.objid, d.objsubid), '^rule \"?_RETURN\"? on ', "
         "'')\n"
         "      FROM pg_catalog.pg_depend d\n"
         "      JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid\n"
         "      CROSS JOIN LATERAL pg_identify_object_as_address(d.classid, d.objid, d.objsubid) o\n"
         "      LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid\n"
         "      LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid\n"
         "    WHERE d.refclassid = 'pg_class'::regclass AND (d.refobjid IN (SELECT oid FROM tree) AND a.attname IN (" +
         list(columns) + ")" +
         (relations.empty() ? "" : "\n        OR d.refobjid IN (" + text::join(relations, ", ") + ")") +
         ")\n"
         "      AND d.deptype IN ('n', 'a') AND c.relkind IS DISTINCT FROM 'S' AND c.relispartition IS NOT TRUE\n"
         "      AND k.contype IS DISTINCT FROM 'n' AND coalesce(k.coninhcount, 0) = 0" +
         (known.empty() ? ""
                        : "\n      AND CASE o.type WHEN 'rule' THEN o.object_names[2] ELSE "
                          "o.object_names[cardinality(o.object_names)] END NOT IN (" +
                              list(known) + ")") +
         "\n  LOOP\n    RAISE EXCEPTION '% stands on it, and is not in the schema', reader\n      USING HINT = " +
         sql::literal(hint) + ";\n  END LOOP;\nEND\n$sluice$;";
}

}  // namespace sluice::plan
