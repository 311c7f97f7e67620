// tests/cases/review/*.case: migrations and what review finds in them.
//
//   before.sql     what is there before (optional)
//   migration.sql  what is reviewed; more of them, 2.sql, 3.sql …, are reviewed after it
//   options        "server 17", "supabase"
//   findings       one line each: "line rule" and, after a tab, the message; "(allowed)" where it is allowed
//
// Notes are left out unless the options say "notes".
#include <gtest/gtest.h>

#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "case_file.hpp"
#include "review/document.hpp"
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
    }
    review::Reviewer reviewer(options);
    const std::string* before = file.find("before.sql");
    if (before) reviewer.pass(*before);
    std::string found;
    for (const auto& [name, content] : file.sections) {
      if (!name.ends_with(".sql") || name == "before.sql") continue;
      review::FileReview reviewed = reviewer.review(name, content);
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
      EXPECT_TRUE(fired().contains(rule->name)) << rule->name << " fires in no case";
  }
};

}  // namespace sluice::tests

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sluice::tests::register_review_cases();
  testing::RegisterTest("Rules", "EachFiresInACase", nullptr, nullptr, __FILE__, __LINE__,
                        []() -> testing::Test* { return new sluice::tests::EveryRuleFires; });
  return RUN_ALL_TESTS();
}
