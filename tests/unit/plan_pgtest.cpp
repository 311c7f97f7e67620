// tests/cases/plan/*.case on a real PostgreSQL, with rows in the tables: the migration must reach the catalog that a
// fresh database of the second schema has, and the way back must reach the first one again.
//
//   rows         SQL that fills the tables of the first schema; left out: made up; "none": no rows
//   setup        SQL before everything: roles, extensions
//   impossible   "up: reason" or "down: reason": then that direction is tried with empty tables only
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "plan_case.hpp"
#include "server/connection.hpp"
#include "server/local.hpp"
#include "sql/quote.hpp"

namespace sluice::tests {
namespace {

namespace fs = std::filesystem;
using namespace model;

server::Scratch& scratch() {
  static server::Scratch server{fs::current_path()};
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

class Database {
 public:
  Database() : connection_({scratch().create_database()}) {}
  ~Database() {
    try {
      std::string name = connection_.execute("select current_database()").text(0, 0);
      administrator().execute("drop database " + sql::identifier(name) + " with (force)");
      server::Rows roles = administrator().execute(roles_sql());
      for (size_t i = 0; i < roles.size(); i++)
        administrator().execute("drop role " + sql::identifier(roles.text(i, 1)));
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  server::Connection& connection() { return connection_; }

  // As migrate runs it: one transaction, except for what cannot stand in one. Empty, or the statement and its error.
  std::string run(const std::vector<plan::Statement>& statements) {
    std::string at;
    try {
      connection_.execute("begin");
      for (const plan::Statement& statement : statements) {
        at = statement.sql;
        if (!statement.transactional) connection_.execute("commit");
        connection_.execute(statement.sql);
        if (!statement.transactional) connection_.execute("begin");
      }
      at = "commit";
      connection_.execute("commit");
      return "";
    } catch (const Error& error) {
      connection_.execute("rollback");
      return std::string(error.what()) + "\n  in: " + at;
    }
  }

  std::string catalog() {
    static const std::string sql = files::read(SLUICE_CATALOG_SQL);
    std::string out;
    for (const std::string& query : {sql, roles_sql()}) {
      server::Rows rows = connection_.execute(query);
      for (size_t i = 0; i < rows.size(); i++) out += rows.text(i, 0) + "\n";
    }
    return out;
  }

 private:
  server::Connection connection_;
};

// A value of a column for row `n`, as SQL; empty: leave it to the database.
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

// Puts two rows into every table that can take them, parents before children. Gives the number of filled tables.
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

// The lines that are in one of the texts only.
std::string difference(const std::string& found, const std::string& wanted) {
  std::vector<std::string> a = text::split(found, "\n"), b = text::split(wanted, "\n");
  std::string out;
  for (const std::string& line : b)
    if (std::find(a.begin(), a.end(), line) == a.end()) out += "  missing: " + line + "\n";
  for (const std::string& line : a)
    if (std::find(b.begin(), b.end(), line) == b.end()) out += "  too many: " + line + "\n";
  return out.empty() && found != wanted ? "  other number of the same lines\n" : out;
}

class PlanOnServer : public testing::Test {
 public:
  explicit PlanOnServer(fs::path path) : path_(std::move(path)) {}

  void TestBody() override {
    file_ = CaseFile::read(path_);
    input_ = read_plan_input(file_);
    bool up_impossible = false, down_impossible = false;
    for (const std::string& line : file_.lines("impossible")) {
      up_impossible = up_impossible || line.starts_with("up: ");
      down_impossible = down_impossible || line.starts_with("down: ");
    }
    {
      Database fresh;
      build(fresh, input_.after);
      wanted_ = fresh.catalog();
    }
    if (HasFailure()) return;
    there_and_back(!up_impossible, !up_impossible && down_impossible);
    if (!up_impossible && down_impossible) there_and_back(false, false);
  }

 private:
  void build(Database& database, const Schema& schema) {
    if (const std::string* setup = file_.find("setup")) database.connection().execute(*setup);
    std::string error = database.run(plan::make({}, schema, diff::compare({}, schema)).statements);
    if (!error.empty()) ADD_FAILURE() << "from nothing: " << error;
  }

  void there_and_back(bool with_rows, bool up_only) {
    SCOPED_TRACE(with_rows ? "with rows" : "with empty tables");
    Database database;
    build(database, input_.before);
    if (HasFailure()) return;
    std::string before = database.catalog();
    const std::string* rows = file_.find("rows");
    if (with_rows && rows && text::trim(*rows) != "none") {
      database.connection().execute(*rows);
    } else if (with_rows && !rows) {
      size_t filled = fill(input_.before, database.connection());
      size_t tables = all<Table>(input_.before).size();
      if (filled < tables) std::cerr << "    " << filled << " of " << tables << " tables have rows\n";
    }
    std::string counts = row_counts(input_.before, input_.after, database.connection());
    const diff::Renames& renames = input_.answers.renames;
    plan::Plan up =
        plan::make(input_.before, input_.after, diff::compare(input_.before, input_.after, renames), input_.options);
    std::string error = database.run(up.statements);
    ASSERT_EQ(error, "") << "up";
    EXPECT_EQ(difference(database.catalog(), wanted_), "") << "up";
    EXPECT_EQ(row_counts(input_.before, input_.after, database.connection()), counts) << "rows were lost";
    if (up_only) return;
    error = database.run(plan::reverse(input_.before, input_.after, renames).statements);
    ASSERT_EQ(error, "") << "down";
    EXPECT_EQ(difference(database.catalog(), before), "") << "down";
  }

  fs::path path_;
  CaseFile file_;
  PlanInput input_;
  std::string wanted_;  // the catalog of a fresh database of the second schema
};

// Any schema of the cases may become any other: pairs drawn at random, with empty tables and without renames.
// The same ones every time; PAIRS=100 draws more of them, SEED=… others.
class AnyPairOnServer : public testing::Test {
 public:
  void TestBody() override {
    auto number = [](const char* name, unsigned long otherwise) {
      const char* text = std::getenv(name);
      return text ? std::stoul(text) : otherwise;
    };
    unsigned long seed = number("SEED", 1);
    std::cerr << "    SEED=" << seed << "\n";
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    std::vector<fs::path> cases = case_files("plan");
    for (unsigned long i = number("PAIRS", 12); i > 0; i--) {
      Side from = draw(cases, random), to = draw(cases, random);
      SCOPED_TRACE(from.name + " -> " + to.name);
      std::string wanted = catalog_of({from, to}, to.schema);
      Database database;
      prepare(database, {from, to});
      run(database, {}, from.schema);
      std::string before = database.catalog();
      run(database, from.schema, to.schema);
      EXPECT_EQ(difference(database.catalog(), wanted), "") << "up";
      std::string error = database.run(plan::reverse(from.schema, to.schema, {}).statements);
      EXPECT_EQ(error, "") << "down";
      if (error.empty()) {
        EXPECT_EQ(difference(database.catalog(), before), "") << "down";
      }
    }
  }

 private:
  struct Side {
    std::string name, setup;
    Schema schema;
  };

  static Side draw(const std::vector<fs::path>& cases, std::mt19937& random) {
    const fs::path& path = cases[random() % cases.size()];
    CaseFile file = CaseFile::read(path);
    PlanInput input = read_plan_input(file);
    bool after = random() % 2;
    const std::string* setup = file.find("setup");
    return {path.stem().string() + (after ? " after" : " before"), setup ? *setup : "",
            after ? input.after : input.before};
  }
  static void prepare(Database& database, const std::vector<Side>& sides) {
    std::set<std::string> done;
    for (const Side& side : sides)
      if (!side.setup.empty() && done.insert(side.setup).second) database.connection().execute(side.setup);
  }
  static void run(Database& database, const Schema& from, const Schema& to) {
    std::string error = database.run(plan::make(from, to, diff::compare(from, to)).statements);
    EXPECT_EQ(error, "");
  }
  static std::string catalog_of(const std::vector<Side>& setups, const Schema& schema) {
    Database database;
    prepare(database, setups);
    run(database, {}, schema);
    return database.catalog();
  }
};

}  // namespace

void register_plan_on_server() {
  for (const fs::path& path : case_files("plan"))
    testing::RegisterTest("plan_on_server", path.stem().c_str(), nullptr, nullptr, path.c_str(), 1,
                          [path]() -> testing::Test* { return new PlanOnServer(path); });
  testing::RegisterTest("plan_on_server", "any_pair", nullptr, nullptr, __FILE__, __LINE__,
                        []() -> testing::Test* { return new AnyPairOnServer(); });
}

}  // namespace sluice::tests

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sluice::tests::register_plan_on_server();
  return RUN_ALL_TESTS();
}
