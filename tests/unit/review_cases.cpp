// tests/cases/review/*.case: migrations and what review finds in them.
//
//   before.sql     what is there before (optional)
//   migration.sql  what is reviewed; more of them, 2.sql, 3.sql …, are reviewed after it
//                  (near_misses*.case: each is named by the rule that must not find anything in it)
//   options        "server 17", "exactly 140002" (the server's number), "supabase"
//   findings       one line each: "line rule" and, after a tab, the message; "(allowed)" where it is allowed
//
// Notes are left out unless the options say "notes".
#include <gtest/gtest.h>

#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "case_file.hpp"
#include "review/document.hpp"
#include "review/fix.hpp"
#include "review/rule.hpp"

namespace sluice::tests {
namespace {

namespace fs = std::filesystem;

std::set<std::string>& fired() {
  static std::set<std::string> names;
  return names;
}

class ReviewCase : public testing::Test {
 public:
  explicit ReviewCase(fs::path path) : path_(std::move(path)) {}

  void TestBody() override {
    CaseFile file = CaseFile::read(path_);
    review::Options options;
    bool notes = false;
    for (const std::string& line : file.lines("options")) {
      if (line == "supabase") options.supabase = true;
      if (line == "notes") notes = true;
      if (line.starts_with("server ")) options.version = std::stoi(line.substr(7));
      if (line.starts_with("exactly ")) options.server = std::stoi(line.substr(8));
    }
    std::string last;  // nothing comes after it
    for (const auto& [name, content] : file.sections)
      if (name.ends_with(".sql")) last = name;
    review::Reviewer reviewer(options);
    const std::string* before = file.find("before.sql");
    if (before) reviewer.pass(*before);
    std::string found;
    for (const auto& [name, content] : file.sections) {
      if (!name.ends_with(".sql") || name == "before.sql") continue;
      review::FileReview reviewed = reviewer.review(name, content, name == last);
      if (name != "migration.sql" && !reviewed.findings.empty()) found += name + "\n";
      for (const review::Finding& finding : reviewed.findings) {
        fired().insert(finding.rule->name);
        if (finding.level == review::Level::note && !notes) continue;
        found += std::to_string(finding.line) + " " + finding.rule->name + (finding.allowed ? " (allowed)" : "") +
                 "\t" + finding.message + "\n";
      }
    }
    if (update_wanted()) {
      file.set("findings", found);
      file.write();
    }
    const std::string* expected = file.find("findings");
    EXPECT_EQ(expected ? *expected : "", found) << path_.string();
  }

 private:
  fs::path path_;
};

// tests/cases/fix/*.case: before.sql, migration.sql, down.sql, and the safe form of them.
class FixCase : public testing::Test {
 public:
  explicit FixCase(fs::path path) : path_(std::move(path)) {}

  void TestBody() override {
    CaseFile file = CaseFile::read(path_);
    review::Reviewer reviewer({});
    if (const std::string* before = file.find("before.sql")) reviewer.pass(*before);
    const ddl::Catalog catalog = reviewer.catalog();
    const std::string migration = *file.find("migration.sql");
    const review::FileReview reviewed = reviewer.review("0004_all.sql", migration);
    review::FixOptions how{"", "all"};
    for (const std::string& line : file.lines("options"))
      if (line.starts_with("lock-timeout ")) how.lock_timeout = line.substr(13);
    const review::Fix fix = review::fix(catalog, reviewed, migration, how);
    std::string found;
    for (const review::FixedFile& each : fix.files) {
      found += "== " + (each.name.empty() ? "0004_all" : each.name) + "\n";
      for (const std::string& comment : each.comments) found += "-- " + comment + "\n";
      found += each.text;
      for (const std::string& statement : each.down) found += "back: " + statement + "\n";
      for (const review::Pending& pending : each.pending) found += "not yet: " + pending.name + "\n";
    }
    if (const std::string* down = file.find("down.sql")) found += "== 0004_all.down\n" + review::fixed_down(*down, fix);
    for (const std::string& sentence : fix.done) found += "done: " + sentence + "\n";
    for (const std::string& sentence : fix.left) found += "left: " + sentence + "\n";
    if (update_wanted()) {
      file.set("fixed", found);
      file.write();
    }
    const std::string* expected = file.find("fixed");
    EXPECT_EQ(expected ? *expected : "", found) << path_.string();
    // What has been rewritten is not found any more, and is not rewritten again.
    review::Reviewer again({}, catalog);
    for (const review::FixedFile& each : fix.files) {
      const ddl::Catalog before = again.catalog();
      const review::FileReview second = again.review("0004_again.sql", each.text);
      EXPECT_TRUE(second.parsed.failures.empty()) << each.text;
      EXPECT_TRUE(review::fix(before, second, each.text, {"", "again"}).done.empty()) << each.text;
    }
  }

 private:
  fs::path path_;
};

TEST(Rules, DocumentIsTheTable) {
  const fs::path path = SLUICE_RULES_DOCUMENT;
  if (update_wanted()) files::write_atomically(path, review::rules_document());
  EXPECT_EQ(files::read(path), review::rules_document()) << "UPDATE=1 writes it anew";
}

TEST(Rules, HaveCodesAndNamesOfTheirOwn) {
  std::set<std::string> codes, names;
  for (const review::Rule* rule : review::rules()) {
    EXPECT_TRUE(codes.insert(rule->code).second) << rule->code;
    EXPECT_TRUE(names.insert(rule->name).second) << rule->name;
    EXPECT_GT(std::string(rule->reason).size(), 10u);
    EXPECT_GT(std::string(rule->safe).size(), 5u);
  }
}

}  // namespace

void register_review_cases() {
  for (const fs::path& path : case_files("review"))
    testing::RegisterTest("review", path.stem().c_str(), nullptr, nullptr, path.c_str(), 1,
                          [path]() -> testing::Test* { return new ReviewCase(path); });
  for (const fs::path& path : case_files("fix"))
    testing::RegisterTest("fix", path.stem().c_str(), nullptr, nullptr, path.c_str(), 1,
                          [path]() -> testing::Test* { return new FixCase(path); });
}

// Each rule has a case in which it fires.
class EveryRuleFires : public testing::Test {
 public:
  void TestBody() override {
    for (const fs::path& path : case_files("review")) {
      const std::string text = files::read(path);
      for (const review::Rule* rule : review::rules())
        if (text.find(std::string(" ") + rule->name) != std::string::npos) fired().insert(rule->name);
    }
    for (const review::Rule* rule : review::rules())
      EXPECT_TRUE(fired().contains(rule->name) || !(rule->step || rule->whole || rule->code[2] == '9'))
          << rule->name << " fires in no case";
  }
};

// And a file near_misses*.case has a section, named by the rule, in which it does not.
class EveryRuleIsQuiet : public testing::Test {
 public:
  void TestBody() override {
    std::set<std::string> quiet;
    for (const fs::path& path : case_files("review")) {
      if (!path.stem().string().starts_with("near_misses")) continue;
      const CaseFile file = CaseFile::read(path);
      for (const auto& [name, content] : file.sections) quiet.insert(name.substr(0, name.find('.')));
      const std::string* findings = file.find("findings");
      std::string section;
      for (const std::string& line : text::split(findings ? *findings : "", "\n")) {
        if (line.ends_with(".sql")) section = line.substr(0, line.find('.'));
        EXPECT_FALSE(!section.empty() && line.find(" " + section + "\t") != std::string::npos)
            << path.string() << ": " << line << " in " << section;
      }
    }
    for (const review::Rule* rule : review::rules()) {
      if (rule->code[2] == '9') continue;  // about the comments that allow
      EXPECT_TRUE(quiet.contains(rule->name)) << rule->name << " is in no near_misses*.case";
    }
  }
};

}  // namespace sluice::tests

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sluice::tests::register_review_cases();
  testing::RegisterTest("Rules", "EachFiresInACase", nullptr, nullptr, __FILE__, __LINE__,
                        []() -> testing::Test* { return new sluice::tests::EveryRuleFires; });
  testing::RegisterTest("Rules", "EachIsQuietInANearMiss", nullptr, nullptr, __FILE__, __LINE__,
                        []() -> testing::Test* { return new sluice::tests::EveryRuleIsQuiet; });
  return RUN_ALL_TESTS();
}
