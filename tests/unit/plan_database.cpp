#include "plan_database.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "plan/views.hpp"
#include "read/catalog/citus.hpp"
#include "server/local.hpp"
#include "sql/quote.hpp"

namespace sluice::tests {

using namespace model;

namespace {

server::Scratch& scratch() {
  static server::Scratch server{std::filesystem::current_path()};
  return server;
}
server::Connection& administrator() {
  static server::Connection connection{{scratch().create_database()}};
  return connection;
}

// Roles belong to the whole cluster: those that a case makes are gone after each of its databases.
const std::string& roles_sql() {
  static const std::string sql =
      "select format('role %s createdb %s createrole %s inherit %s', rolname, rolcreatedb, rolcreaterole, rolinherit), "
      "rolname from pg_roles where rolname not like 'pg\\_%' and oid >= 16384 and not rolsuper order by 1";
  return sql;
}

// The same for two databases whose tables have the same columns in another order.
std::string in_any_order(std::string definition) {
  for (const char* word : {"SELECT ", "\n"}) definition = text::replace_all(definition, word, ",");
  std::vector<std::string> words;
  for (const std::string& word : text::split(definition, ",")) words.emplace_back(text::trim(word));
  std::sort(words.begin(), words.end());
  return text::join(words, " ");
}

}  // namespace

Database::Database() : connection_({scratch().create_database()}) {}

Database::~Database() {
  try {
    std::string name = connection_.execute("select current_database()").text(0, 0);
    administrator().execute("drop database " + sql::identifier(name) + " with (force)");
    server::Rows roles = administrator().execute(roles_sql());
    for (size_t i = 0; i < roles.size(); i++) administrator().execute("drop role " + sql::identifier(roles.text(i, 1)));
  } catch (const Error& error) {
    ADD_FAILURE() << error.what();
  }
}

std::string Database::run(const std::vector<plan::Statement>& statements) {
  std::string at;
  sqlstate_.clear();
  if (std::any_of(statements.begin(), statements.end(), [](const auto& s) { return read::speaks_of_citus(s.sql); }))
    read::make_citus_stand_in(connection_);
  try {
    connection_.execute("begin");
    for (const plan::Statement& statement : statements) {
      at = statement.sql;
      if (!statement.transactional) connection_.execute("commit");
      if (statement.step || statement.backfill) connection_.execute("commit; begin");
      connection_.execute(statement.sql);
      if (!statement.transactional) connection_.execute("begin");
    }
    at = "commit";
    connection_.execute("commit");
    return "";
  } catch (const Error& error) {
    sqlstate_ = error.context.sqlstate;
    connection_.execute("rollback");
    return std::string(error.what()) + "\n  in: " + at;
  }
}

std::string Database::catalog(const Schema& schema) {
  static const std::string sql = files::read(SLUICE_CATALOG_SQL);
  std::vector<std::string> star_views;
  for (const View& view : all<View>(schema))
    if (plan::Words(view.definition.value_or("")).has_star())
      star_views.push_back("view " +
                           connection_
                               .execute("select format('%I.%I', " + sql::literal(view.key.schema) + "::text, " +
                                        sql::literal(view.key.name) + "::text)")
                               .text(0, 0) +
                           " (");
  std::string out;
  for (const std::string& query : {sql, roles_sql()}) {
    server::Rows rows = connection_.execute(query);
    for (size_t i = 0; i < rows.size(); i++) {
      std::string fact = rows.text(i, 0);
      bool star = std::any_of(star_views.begin(), star_views.end(),
                              [&](const std::string& start) { return fact.starts_with(start); });
      out += (star ? in_any_order(fact) : fact) + "\n";
    }
  }
  return out;
}

std::string made_up(const Column& column, int n, const Schema& schema) {
  const std::string number = std::to_string(n);
  bool array = column.type.find('[') != std::string::npos;
  auto wrap = [&](const std::string& value) { return array ? "array[" + value + "]" : value; };
  std::string base = column.type.substr(0, column.type.find_first_of("[( "));
  if (column.type_schema) {
    for (const Enum& object : all<Enum>(schema))
      if (object.key.schema == *column.type_schema && object.key.name == column.type.substr(0, column.type.find('[')))
        return wrap(sql::literal(object.values[static_cast<size_t>(n - 1) % object.values.size()])) +
               "::" + sql::qualified(object.key.schema, object.key.name) + (array ? "[]" : "");
  }
  if (base == "text" || base == "varchar" || base == "char" || base == "character" || base == "citext")
    return wrap(sql::literal(number)) + (array ? "::text[]" : "");
  if (base == "integer" || base == "bigint" || base == "smallint" || base == "numeric" || base == "real" ||
      base == "double")
    return wrap(number);
  if (base == "boolean") return wrap(n % 2 ? "true" : "false");
  if (base == "uuid") return wrap("gen_random_uuid()");
  if (base == "timestamp" || base == "date") return wrap("'2024-01-0" + number + "'") + (array ? "::timestamp[]" : "");
  if (base == "time") return "'10:0" + number + "'";
  if (base == "interval") return "'" + number + " hours'";
  if (base == "json" || base == "jsonb") return array ? "'{}'" : "'{\"n\":" + number + "}'";
  if (base == "inet") return "'10.0.0." + number + "'";
  if (base == "bytea") return "'\\x0" + number + "'";
  return "";
}

size_t fill(const Schema& schema, server::Connection& connection) {
  auto columns = by_table<Column>(schema);
  auto foreign_keys = by_table<ForeignKey>(schema);
  std::set<Key> filled;
  auto insert = [&](const Table& table, int n) {
    std::vector<std::string> names, values;
    for (const Column* column : columns[table.key]) {
      if (column->generated || column->identity || column->type.ends_with("serial")) continue;
      std::string value = made_up(*column, n, schema);
      for (const ForeignKey* key : foreign_keys[table.key])
        for (size_t i = 0; i < key->columns_from.size(); i++)
          if (key->columns_from[i] == column->key.name)
            value = "(select " + sql::identifier(key->columns_to[i]) + " from " +
                    sql::qualified(key->schema_to, key->table_to) + " order by 1 limit 1 offset " +
                    std::to_string(n - 1) + ")";
      if (value.empty()) continue;
      names.push_back(column->key.name);
      values.push_back(value);
    }
    std::string into = "insert into " + sql::qualified(table.key.schema, table.key.name);
    connection.execute(names.empty()
                           ? into + " default values"
                           : into + " (" + sql::identifiers(names) + ") values (" + text::join(values, ", ") + ")");
  };
  for (size_t before = filled.size() + 1; before != filled.size();) {
    before = filled.size();
    for (const Table& table : all<Table>(schema)) {
      bool ready = std::all_of(
          foreign_keys[table.key].begin(), foreign_keys[table.key].end(),
          [&](const ForeignKey* key) { return key->target() == table.key || filled.contains(key->target()); });
      // A circle of foreign keys: tried all the same, since one of them may be NULL.
      if (filled.contains(table.key) || !ready) continue;
      try {
        insert(table, 1);
        insert(table, 2);
        filled.insert(table.key);
      } catch (const Error& error) {
        std::cerr << "    " << display(table.key) << " has no rows: " << error.what() << "\n";
        filled.insert(table.key);
      }
    }
  }
  size_t with_rows = 0;
  for (const Table& table : all<Table>(schema))
    with_rows +=
        connection.execute("select 1 from " + sql::qualified(table.key.schema, table.key.name) + " limit 1").size();
  return with_rows;
}

std::string row_counts(const Schema& before, const Schema& after, server::Connection& connection) {
  std::string out;
  for (const Table& table : all<Table>(after))
    if (find<Table>(before, table.key))
      out += display(table.key) + ": " +
             connection.execute("select count(*) from " + sql::qualified(table.key.schema, table.key.name)).text(0, 0) +
             "\n";
  return out;
}

std::string difference(const std::string& found, const std::string& wanted) {
  std::vector<std::string> a = text::split(found, "\n"), b = text::split(wanted, "\n");
  std::string out;
  for (const std::string& line : b)
    if (std::find(a.begin(), a.end(), line) == a.end()) out += "  missing: " + line + "\n";
  for (const std::string& line : a)
    if (std::find(b.begin(), b.end(), line) == b.end()) out += "  too many: " + line + "\n";
  return out.empty() && found != wanted ? "  other number of the same lines\n" : out;
}

unsigned long number_from(const char* variable, unsigned long otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::stoul(text) : otherwise;
}

}  // namespace sluice::tests
