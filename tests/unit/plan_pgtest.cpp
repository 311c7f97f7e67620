// tests/cases/plan/*.case on a real PostgreSQL, with rows in the tables: the migration must reach the catalog that a
// fresh database of the second schema has, and the way back must reach the first one again.
//
//   rows         SQL that fills the tables of the first schema; left out: made up; "none": no rows
//   setup        SQL before everything: roles, extensions
//   impossible   "up: reason" or "down: reason": then that direction is tried with empty tables only
//
// Each case also as --online plans it: other statements, the same catalogs.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "base/text.hpp"
#include "plan_case.hpp"
#include "plan_database.hpp"

namespace sluice::tests {
namespace {

namespace fs = std::filesystem;
using namespace model;

class PlanOnServer : public testing::Test {
 public:
  PlanOnServer(fs::path path, bool online) : path_(std::move(path)), online_(online) {}

  void TestBody() override {
    file_ = CaseFile::read(path_);
    input_ = read_plan_input(file_);
    if (online_) input_.options.online = plan::Online{Database().connection().version() / 10000, {}};
    bool up_impossible = false, down_impossible = false;
    for (const std::string& line : file_.lines("impossible")) {
      up_impossible = up_impossible || line.starts_with("up: ");
      down_impossible = down_impossible || line.starts_with("down: ");
    }
    {
      Database fresh;
      build(fresh, input_.after);
      wanted_ = fresh.catalog(input_.after);
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
    std::string before = database.catalog(input_.before);
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
    EXPECT_EQ(difference(database.catalog(input_.after), wanted_), "") << "up";
    EXPECT_EQ(row_counts(input_.before, input_.after, database.connection()), counts) << "rows were lost";
    if (up_only) return;
    error = database.run(plan::reverse(input_.before, input_.after, renames, false, input_.options.online).statements);
    ASSERT_EQ(error, "") << "down";
    EXPECT_EQ(difference(database.catalog(input_.before), before), "") << "down";
  }

  fs::path path_;
  bool online_;
  CaseFile file_;
  PlanInput input_;
  std::string wanted_;  // the catalog of a fresh database of the second schema
};

}  // namespace

void register_plan_on_server() {
  for (const fs::path& path : case_files("plan"))
    testing::RegisterTest("plan_on_server", path.stem().c_str(), nullptr, nullptr, path.c_str(), 1,
                          [path]() -> testing::Test* { return new PlanOnServer(path, false); });
  for (const fs::path& path : case_files("plan"))
    testing::RegisterTest("online_on_server", path.stem().c_str(), nullptr, nullptr, path.c_str(), 1,
                          [path]() -> testing::Test* { return new PlanOnServer(path, true); });
}

}  // namespace sluice::tests

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sluice::tests::register_plan_on_server();
  return RUN_ALL_TESTS();
}
