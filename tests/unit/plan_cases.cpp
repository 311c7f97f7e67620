// tests/cases/plan/*.case: two schemas, and the migration between them.
//
//   before.ts, after.ts   Drizzle schemas (before.ts may be left out: an empty database)
//   flags                 one line each: rename a=b, drop a, backfill t.c=x
//   migration.sql         what must come out, statements separated by a line "--> statement-breakpoint"
//   down.sql              the way back
//   name                  the migration's name
//   notes                 what a person is told
//   questions             what would be asked: "column users.full_name: users.name"
//   needs backfill        columns for which a value is missing
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/files.hpp"
#include "base/text.hpp"
#include "case_file.hpp"
#include "diff/diff.hpp"
#include "model/snapshot.hpp"
#include "plan/name.hpp"
#include "plan/plan.hpp"
#include "read/typescript/typescript.hpp"

namespace sluice::tests {
namespace {

namespace fs = std::filesystem;

// A directory of the test's own, gone after it.
struct TemporaryDirectory {
  fs::path path;
  TemporaryDirectory() {
    std::string pattern = (fs::temp_directory_path() / "sluice-case-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { fs::remove_all(path); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
};

model::Schema evaluate(const std::string* source, const std::string& name, plan::PropertyNames* properties) {
  if (!source) return {};
  TemporaryDirectory directory;
  fs::path file = directory.path / name;
  files::write_atomically(file, *source);
  read::TypeScriptOptions options;
  options.project = directory.path;
  options.use_cache = false;
  read::SchemaJson json = read::schema_json({file}, "", options);
  if (properties)
    for (const auto& [key, property] : json.properties) (*properties)[{key[0], key[1], key[2]}] = property;
  return model::parse_snapshot(json.json, name).schema;
}

std::string statements_text(const std::vector<plan::Statement>& statements) {
  std::string out;
  for (const plan::Statement& statement : statements) {
    if (!out.empty()) out += "--> statement-breakpoint\n";
    if (!statement.transactional) out += "-- outside a transaction\n";
    out += std::string(text::trim(statement.sql)) + "\n";
  }
  return out;
}

class PlanCase : public testing::Test {
 public:
  explicit PlanCase(fs::path path) : path_(std::move(path)) {}

  void TestBody() override {
    CaseFile file = CaseFile::read(path_);
    plan::PropertyNames properties;
    model::Schema before = evaluate(file.find("before.ts"), "before.ts", nullptr);
    model::Schema after = evaluate(file.find("after.ts"), "after.ts", &properties);

    diff::Answers answers;
    plan::Options options;
    for (const std::string& line : file.lines("flags")) {
      std::string word = line.substr(0, line.find(' ')), rest = line.substr(line.find(' ') + 1);
      if (word == "rename") answers.renames.push_back(diff::parse_rename(rest, before, after, answers.renames));
      if (word == "drop") answers.drops.push_back(rest);
      if (word == "backfill") options.backfill[rest.substr(0, rest.find('='))] = rest.substr(rest.find('=') + 1);
    }
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
    EXPECT_TRUE(diff::compare(after, model::parse_snapshot(printed, "printed").schema).empty());
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
