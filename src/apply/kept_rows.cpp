#include "apply/kept_rows.hpp"

#include "sql/quote.hpp"

namespace sluice::apply {

using server::Connection;
using server::Rows;

std::string store_name(const std::string& id) { return "sluice.kept_" + id; }

std::string copied(const std::string& column, bool built_in) {
  return sql::identifier(column) + (built_in ? "" : "::text COLLATE pg_catalog.\"default\"");
}

std::string rows_of(Connection& connection, const std::string& oid) {
  return connection
      .query(
          "SELECT CASE c.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END || c.oid::regclass::text FROM "
          "pg_catalog.pg_class c WHERE c.oid = $1::oid",
          {oid})
      .text(0, 0);
}

std::vector<std::string> undisturbed(Connection& connection, const std::string& oid, bool triggers) {
  std::vector<std::string> after;
  Rows settings = connection.execute(
      "SELECT name, setting, wanted FROM (VALUES ('datestyle', 'ISO, YMD'), ('intervalstyle', 'postgres'), "
      "('extra_float_digits', '3'), ('bytea_output', 'hex'), ('timezone', 'UTC')) w (name, wanted), LATERAL "
      "current_setting(w.name) setting");
  for (size_t i = 0; i < settings.size(); i++) {
    connection.query("SELECT set_config($1, $2, true)", {settings.text(i, 0), settings.text(i, 2)});
    after.push_back("SELECT set_config(" + sql::literal(settings.text(i, 0)) + ", " +
                    sql::literal(settings.text(i, 1)) + ", true)");
  }
  Rows forced = connection.query(
      "SELECT c.oid::regclass::text FROM pg_catalog.pg_class c WHERE c.oid = $1::oid AND c.relrowsecurity AND "
      "c.relforcerowsecurity AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = current_user AND "
      "(r.rolsuper OR r.rolbypassrls))",
      {oid});
  if (!forced.empty()) {
    connection.execute("ALTER TABLE ONLY " + forced.text(0, 0) + " NO FORCE ROW LEVEL SECURITY");
    after.push_back("ALTER TABLE ONLY " + forced.text(0, 0) + " FORCE ROW LEVEL SECURITY");
  }
  if (!triggers) return after;
  Rows enabled = connection.query(
      "SELECT t.tgrelid::regclass::text, t.tgname, t.tgenabled FROM pg_catalog.pg_trigger t WHERE t.tgrelid IN "
      "(SELECT $1::oid UNION SELECT relid FROM pg_catalog.pg_partition_tree($1::oid)) AND NOT t.tgisinternal AND "
      "t.tgenabled IN ('O', 'A') AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger d WHERE d.tgrelid = t.tgrelid AND "
      "d.tginitdeferred) ORDER BY 1, 2",
      {oid});
  for (size_t i = 0; i < enabled.size(); i++) {
    const std::string alter = "ALTER TABLE ONLY " + enabled.text(i, 0) + " ";
    const std::string trigger = " TRIGGER " + sql::identifier(enabled.text(i, 1));
    connection.execute(alter + "DISABLE" + trigger);
    after.push_back(alter + "ENABLE" + (enabled.text(i, 2) == "A" ? " ALWAYS" : "") + trigger);
  }
  return after;
}

void put_back(Connection& connection, const std::vector<std::string>& statements) {
  for (const std::string& statement : statements) connection.execute(statement);
}

bool is_of_the_moment(const Connection& connection, const Error& error) {
  const std::string& state = error.context.sqlstate;
  return connection.broken() || error.context.exit == Exit::interrupted || state == "55P03" || state == "40P01" ||
         state == "57014";
}

void forget(Connection& connection, const std::string& id) {
  connection.execute("DROP TABLE IF EXISTS " + store_name(id) + "; DELETE FROM sluice.kept WHERE id = " + id);
}

}  // namespace sluice::apply
