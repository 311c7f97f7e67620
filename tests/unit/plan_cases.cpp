// tests/cases/plan/*.case: two schemas, and the migration between them.
//
//   before.ts, after.ts   Drizzle schemas (before.ts may be left out: an empty database); without imports of their own
//                         they have everything of drizzle-orm/pg-core at hand
//   flags                 one line each: rename a=b, drop a, backfill t.c=x
//   migration.sql         what must come out, statements separated by a line "--> statement-breakpoint"
//   down.sql              the way back
//   online.sql            what comes out with --online for PostgreSQL 15, if the case has this section; online18.sql:
//   18 name                  the migration's name notes                 what a person is told questions what would be
//   asked: "column users.full_name: users.name" needs backfill        columns for which a value is missing setup SQL
//   that a database needs before the schema (only plan_pgtest runs it) impossible            a line "up: reason" or
//   "down: reason" where a migration cannot work with rows in the tables
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "model/beyond.hpp"
#include "model/snapshot.hpp"
#include "plan_case.hpp"

namespace sluice::tests {
namespace {

namespace fs = std::filesystem;

std::string statements_text(const std::vector<plan::Statement>& statements) {
  std::string out;
  for (const plan::Statement& statement : statements) {
    if (!out.empty()) out += "--> statement-breakpoint\n";
    if (!statement.transactional) out += "-- outside a transaction\n";
    if (statement.step) out += "-- sluice:step\n";
    if (statement.backfill) out += statement.by_page ? "-- sluice:backfill by page\n" : "-- sluice:backfill\n";
    out += std::string(text::trim(statement.sql)) + "\n";
  }
  return out;
}

class PlanCase : public testing::Test {
 public:
  explicit PlanCase(fs::path path) : path_(std::move(path)) {}

  void TestBody() override {
    CaseFile file = CaseFile::read(path_);
    auto [before, after, properties, answers, options] = read_plan_input(file);
    std::string questions;
    for (const diff::Question& question : diff::open_questions(before, after, answers)) {
      questions += std::string(diff::name_of(question.kind)) + " " + model::display(question.created) + ":";
      for (const model::Key& dropped : question.dropped) questions += " " + model::display(dropped);
      questions += "\n";
    }
    diff::Changes changes = diff::compare(before, after, answers.renames);
    plan::Plan up = plan::make(before, after, changes, options);
    plan::Plan down = plan::reverse(before, after, answers.renames);
    std::string missing;
    for (const model::Column& column : up.missing_backfill) missing += model::display(column.key) + "\n";

    std::vector<std::pair<std::string, std::string>> results{
        {"questions", questions},
        {"needs backfill", missing},
        {"name", changes.empty() ? "" : plan::suggest_name(changes, properties, !file.find("before.ts")) + "\n"},
        {"migration.sql", statements_text(up.statements)},
        {"notes", up.notes.empty() ? "" : text::join(up.notes, "\n") + "\n"},
        {"down.sql", statements_text(down.statements)}};
    for (const auto& [section, version] : {std::pair("online.sql", 15), std::pair("online18.sql", 18)}) {
      if (!file.find(section)) continue;
      plan::Options online = options;
      online.online = plan::Online{version, {}};
      results.emplace_back(section, statements_text(plan::make(before, after, changes, online).statements));
    }
    if (update_wanted()) {
      for (const auto& [name, content] : results) file.set(name, content);
      file.write();
    }
    for (const auto& [name, content] : results) {
      const std::string* expected = file.find(name);
      EXPECT_EQ(expected ? *expected : "", content) << path_.string() << ": " << name;
    }
    // What holds for every pair of schemas.
    EXPECT_TRUE(diff::compare(after, after).empty());
    EXPECT_TRUE(diff::compare(before, before).empty());
    model::Snapshot snapshot{"id", "previous", "7", after};
    std::string printed = model::print_snapshot(snapshot);
    model::Snapshot read = model::parse_snapshot(printed, "printed");
    if (std::string beyond = model::print_beyond(snapshot); !beyond.empty())
      model::read_beyond(read, beyond, "printed");
    EXPECT_TRUE(diff::compare(after, read.schema).empty());
    EXPECT_EQ(printed, model::print_snapshot(model::parse_snapshot(printed, "printed")));
  }

 private:
  fs::path path_;
};

}  // namespace

void register_plan_cases() {
  for (const fs::path& path : case_files("plan"))
    testing::RegisterTest("plan", path.stem().c_str(), nullptr, nullptr, path.c_str(), 1,
                          [path]() -> testing::Test* { return new PlanCase(path); });
}

}  // namespace sluice::tests

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sluice::tests::register_plan_cases();
  return RUN_ALL_TESTS();
}
