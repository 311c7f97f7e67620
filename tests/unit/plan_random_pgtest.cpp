// Properties of the way from any schema to any other, on a real PostgreSQL:
//
//   diff(a, a) is empty
//   the snapshot of a, printed and read, is a
//   the plan of diff(a, b) reaches the catalog of a fresh b
//   the way back reaches that of a
//
// any_pair draws from the schemas of tests/cases/plan; schemas_nobody_wrote are random (random_schema.hpp), with
// renames and every second one with rows. The same ones every time; PAIRS=100 draws more of them, SEED=… others,
// ONLINE=15 plans them as --online does for that server. With
// rows a migration may fail as the rows do not fit (SQLSTATE 22… and 23…), and in no other way.
#include <gtest/gtest.h>

#include <iostream>
#include <random>
#include <set>

#include "base/text.hpp"
#include "model/snapshot.hpp"
#include "plan_case.hpp"
#include "plan_database.hpp"
#include "random_schema.hpp"

namespace sluice::tests {
namespace {

namespace fs = std::filesystem;
using namespace model;

std::string all_sql(const plan::Plan& plan) {
  std::string out;
  for (const plan::Statement& statement : plan.statements) out += statement.sql + "\n";
  return out;
}

void expect_itself(const Schema& schema) {
  EXPECT_TRUE(diff::compare(schema, schema).empty());
  EXPECT_EQ(all_sql(plan::make(schema, schema, {})), "");
  std::string json = print_snapshot({"a", "b", "7", schema});
  Schema read = parse_snapshot(json, "snapshot.json").schema;
  EXPECT_EQ(print_snapshot({"a", "b", "7", read}), json);
  EXPECT_TRUE(diff::compare(schema, read).empty());
  EXPECT_TRUE(diff::compare(read, schema).empty());
}

struct Side {
  std::string name, setup;
  Schema schema;
};

Side side_of_a_case(const std::vector<fs::path>& cases, std::mt19937& random) {
  const fs::path& path = cases[random() % cases.size()];
  CaseFile file = CaseFile::read(path);
  PlanInput input = read_plan_input(file);
  bool after = random() % 2;
  const std::string* setup = file.find("setup");
  return {path.stem().string() + (after ? " after" : " before"), setup ? *setup : "",
          after ? input.after : input.before};
}

void prepare(Database& database, const std::vector<std::string>& setups) {
  std::set<std::string> done;
  for (const std::string& setup : setups)
    if (!setup.empty() && done.insert(setup).second) database.connection().execute(setup);
}

void build(Database& database, const Schema& schema) {
  ASSERT_EQ(database.run(plan::make({}, schema, diff::compare({}, schema)).statements), "") << "from nothing";
}

// The columns that ask for a value get one.
plan::Options with_values(const Schema& from, const Schema& to, const diff::Changes& changes) {
  plan::Options options;
  for (const Column& column : plan::make(from, to, changes).missing_backfill) {
    std::string value = made_up(column, 1, to);
    options.backfill[display(column.key)] = value.empty() ? "none" : value;
  }
  return options;
}

// Up and down, with the setups of both sides run first.
void there_and_back(const Side& from, const Side& to, const diff::Renames& renames, bool with_rows) {
  SCOPED_TRACE(from.name + " -> " + to.name + (with_rows ? ", with rows" : ""));
  const std::vector<std::string> setups = {from.setup, to.setup};
  std::string wanted;
  {
    Database fresh;
    prepare(fresh, setups);
    ASSERT_NO_FATAL_FAILURE(build(fresh, to.schema));
    wanted = fresh.catalog(to.schema);
  }
  Database database;
  prepare(database, setups);
  ASSERT_NO_FATAL_FAILURE(build(database, from.schema));
  std::string before = database.catalog(from.schema);
  if (with_rows) fill(from.schema, database.connection());
  std::string counts = row_counts(from.schema, to.schema, database.connection());
  diff::Changes changes = diff::compare(from.schema, to.schema, renames);
  plan::Options options = with_rows ? with_values(from.schema, to.schema, changes) : plan::Options();
  if (unsigned long version = number_from("ONLINE", 0)) options.online = plan::Online{static_cast<int>(version), {}};
  plan::Plan up = plan::make(from.schema, to.schema, changes, options);
  auto rows_do_not_fit = [&] {
    return with_rows && (database.sqlstate().starts_with("22") || database.sqlstate().starts_with("23"));
  };
  std::string error = database.run(up.statements);
  if (rows_do_not_fit()) return;
  ASSERT_EQ(error, "") << "up\n" << all_sql(up);
  EXPECT_EQ(difference(database.catalog(to.schema), wanted), "") << "up\n" << all_sql(up);
  plan::Plan down = plan::reverse(from.schema, to.schema, renames, false, options.online);
  error = database.run(down.statements);
  if (rows_do_not_fit()) return;
  ASSERT_EQ(error, "") << "down\n" << all_sql(down);
  EXPECT_EQ(difference(database.catalog(from.schema), before), "") << "down\n" << all_sql(down);
}

TEST(plan_random, any_pair) {
  unsigned long seed = number_from("SEED", 1);
  std::cerr << "    SEED=" << seed << "\n";
  std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
  std::vector<fs::path> cases = case_files("plan");
  for (unsigned long i = number_from("PAIRS", 12); i > 0; i--) {
    Side from = side_of_a_case(cases, random), to = side_of_a_case(cases, random);
    {
      SCOPED_TRACE(to.name);
      expect_itself(to.schema);
    }
    there_and_back(from, to, {}, false);
  }
}

TEST(plan_random, schemas_nobody_wrote) {
  unsigned long seed = number_from("SEED", 1);
  for (unsigned long i = number_from("PAIRS", 16); i > 0; i--, seed++) {
    SCOPED_TRACE("SEED=" + std::to_string(seed) + " PAIRS=1");
    Universe universe(seed);
    Universe::Drawing from = universe.draw(), to = universe.draw();
    diff::Renames renames = universe.renames(from, to);
    expect_itself(to.schema);
    std::string name = "universe " + std::to_string(seed);
    there_and_back({name, "", from.schema}, {name, "", to.schema}, renames, seed % 2 == 1);
  }
}

}  // namespace
}  // namespace sluice::tests
