#include "plan/old_name.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

namespace {

Key new_key(const Expansion& e) { return {e.table.schema, "", e.new_table}; }

diff::Renames renames_of(const Expansion& e) { return {{diff::RenameKind::table, e.table, new_key(e)}}; }

// Notes that the name was used, when a query of the view begins or a row is inserted through it. STABLE: once for each
// query, and the view stays one that can be written. In a transaction that only reads nothing can be noted.
std::string note_function(const Expansion& e) {
  const std::string name = last_write_sequence(e);
  return "CREATE FUNCTION " + name +
         "() RETURNS boolean LANGUAGE plpgsql STABLE AS $sluice$\nBEGIN\n"
         "  IF current_setting('transaction_read_only') = 'off' THEN\n    PERFORM setval(" +
         sql::literal(name) +
         ", floor(extract(epoch FROM clock_timestamp()))::bigint);\n  END IF;\n  RETURN true;\nEND\n$sluice$;";
}

// Who may do what with the table may do it with the view, and nobody else.
std::string grants(const Expansion& e) {
  const std::string view = table_name(e.table), table = sql::literal(table_name(new_key(e))) + "::regclass";
  return "DO $sluice$\nDECLARE\n  r record;\nBEGIN\n"
         "  EXECUTE (SELECT " +
         sql::literal("ALTER VIEW " + view + " OWNER TO ") +
         " || relowner::regrole FROM pg_catalog.pg_class WHERE oid = " + table +
         ");\n"
         "  FOR r IN SELECT DISTINCT a.grantee FROM pg_catalog.pg_class c, aclexplode(c.relacl) a WHERE c.oid = " +
         sql::literal(view) +
         "::regclass AND a.grantee <> c.relowner LOOP\n"
         "    EXECUTE " +
         sql::literal("REVOKE ALL ON " + view + " FROM ") +
         " || CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE r.grantee::regrole::text END;\n  END LOOP;\n"
         "  FOR r IN SELECT a.*, '' AS of_column FROM pg_catalog.pg_class c, aclexplode(c.relacl) a WHERE c.oid = " +
         table +
         " AND a.grantee <> c.relowner AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')\n"
         "    UNION ALL SELECT a.*, ' (' || quote_ident(t.attname) || ')' FROM pg_catalog.pg_attribute t, "
         "aclexplode(t.attacl) a WHERE t.attrelid = " +
         table +
         " AND NOT t.attisdropped AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE') LOOP\n"
         "    EXECUTE 'GRANT ' || r.privilege_type || r.of_column || " +
         sql::literal(" ON " + view + " TO ") +
         " || CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE r.grantee::regrole::text END || CASE WHEN r.is_grantable THEN "
         "' WITH GRANT OPTION' ELSE '' END;\n  END LOOP;\nEND\n$sluice$;";
}

}  // namespace

std::string cannot_keep_old_name(const Schema& known, const Schema& wanted, const Expansion& e, int version) {
  if (!find<Table>(known, e.table)) return display(e.table) + " is not there";
  if (find<Table>(wanted, e.table) || find<View>(wanted, e.table))
    return "something else is to have the name " + display(e.table);
  const auto& policies = all<Policy>(known);
  const bool secured = find<Table>(known, e.table)->row_security ||
                       std::any_of(policies.begin(), policies.end(),
                                   [&](const Policy& policy) { return policy.key.owner() == e.table; });
  if (secured && version < 15)
    return "it has row-level security, which a view obeys from PostgreSQL 15 on (--server 15)";
  return "";
}

Schema with_old_name(const Schema& known, const Expansion& e, int version) {
  View view;
  view.key = e.table;
  std::vector<std::string> columns;
  for (const Column& column : all<Column>(known))
    if (column.key.owner() == e.table) columns.push_back(column.key.name);
  view.definition = "select " + sql::identifiers(columns) + " from " + table_name(new_key(e)) + " where " +
                    last_write_sequence(e) + "()";
  view.with = {{"checkOption", {"local"}}};
  if (version >= 15) view.with.push_back({"securityInvoker", {"true", false}});
  Schema out = diff::renamed(known, renames_of(e));
  all<View>(out).push_back(std::move(view));
  for (const Grant& grant : all<Grant>(known)) {
    if (!(grant.key.owner() == e.table)) continue;
    Grant same = grant;
    for (std::vector<std::string>* list : {&same.privileges, &same.grantable})
      std::erase_if(*list, [](const std::string& privilege) {
        const std::string word = privilege.substr(0, privilege.find(' '));
        return word != "SELECT" && word != "INSERT" && word != "UPDATE" && word != "DELETE";
      });
    if (!same.privileges.empty()) all<Grant>(out).push_back(std::move(same));
  }
  return out;
}

void create_old_name(Recipes& r, const Schema& known, const Expansion& e) {
  const std::string sequence = last_write_sequence(e);
  r.also("CREATE SCHEMA IF NOT EXISTS sluice;");
  r.also("GRANT USAGE ON SCHEMA sluice TO PUBLIC;");
  r.also("CREATE SEQUENCE " + sequence + " MINVALUE 0 START WITH 0;");
  r.also("GRANT USAGE, UPDATE ON SEQUENCE " + sequence + " TO PUBLIC;");
  r.also(note_function(e));
  r.also(create(*find<View>(known, e.table)));
  r.also(grants(e));
}

void drop_old_name(Recipes& r, const Expansion& e) {
  r.also("DROP VIEW " + table_name(e.table) + ";");
  r.also("DROP FUNCTION " + last_write_sequence(e) + "();", "function-dropped only the view called it");
  r.also("DROP SEQUENCE " + last_write_sequence(e) + ";", "drop-sequence only the view wrote it");
}

void rename_and_keep(Recipes& r, const Schema& known, const Expansion& e, int version) {
  const Schema renamed = diff::renamed(known, renames_of(e));
  r.stage(make(known, renamed, diff::compare(known, renamed, renames_of(e)), {}).statements);
  create_old_name(r, with_old_name(known, e, version), e);
}

void drop_and_rename_back(Recipes& r, const Schema& known, const Expansion& e) {
  const Schema renamed = diff::renamed(known, renames_of(e));
  const size_t begin = r.statements.size();
  drop_old_name(r, e);
  r.statements[begin].step = true;
  for (Statement& statement :
       make(renamed, known, diff::compare(renamed, known, diff::inverted(renames_of(e))), {}).statements)
    r.statements.push_back(std::move(statement));
}

}  // namespace sluice::plan
