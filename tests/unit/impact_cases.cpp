// tests/data/locks.txt and type_changes.txt, row by row and version by version: what impact says of a statement must be
// what was measured.
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "impact/type_change.hpp"
#include "impact_outcome.hpp"

namespace sluice::tests {
namespace {

std::string data(const std::string& name) { return files::read(std::string(SLUICE_TEST_DATA) + "/" + name); }

const ddl::Catalog& measured_database() {
  static const ddl::Catalog catalog = [] {
    static const std::string text = data("locks_schema.sql");
    ddl::Catalog made;
    sql::ParsedFile file = sql::parse(text);
    EXPECT_TRUE(file.failures.empty());
    for (const sql::ParsedStatement& statement : file.statements) ddl::fold(made, statement, 0);
    ddl::forget_numbers(made);
    return made;
  }();
  return catalog;
}

Outcome parse_outcome(const std::string& text) {
  Outcome out;
  if (text.starts_with("error ")) {
    out.error = text.substr(6);
    return out;
  }
  for (const std::string& part : text::split(text, "; ")) {
    std::vector<std::string> words = text::split(part, " ");
    const std::string title = words.front();
    std::set<std::string>* list = title == "rewrite"   ? &out.rewrite
                                  : title == "rebuild" ? &out.rebuild
                                  : title == "scan"    ? &out.scan
                                  : title == "new"     ? &out.made
                                                       : nullptr;
    if (list) {
      list->insert(words.begin() + 1, words.end());
      continue;
    }
    for (const std::string& word : words)
      if (size_t colon = word.rfind(':'); colon != std::string::npos)
        out.locks[word.substr(0, colon)] = word.substr(colon + 1);
  }
  return out;
}

std::vector<int> versions(const std::string& text) {
  std::vector<int> out;
  const size_t dash = text.find('-');
  const int first = std::stoi(text), last = dash == std::string::npos ? first : std::stoi(text.substr(dash + 1));
  for (int version = first; version <= last; version++) out.push_back(version);
  return out;
}

TEST(Impact, AgreesWithEveryMeasuredStatement) {
  int rows = 0;
  for (const std::string& line : text::split(data("locks.txt"), "\n")) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> cells = text::split(line, " | ");
    ASSERT_EQ(cells.size(), 4u) << line;
    Outcome measured = parse_outcome(cells[3]);
    for (int version : versions(cells[1])) {
      Outcome predicted = predict(measured_database(), cells[2], version);
      rows++;
      if (!measured.error.empty()) {
        EXPECT_FALSE(predicted.error.empty()) << cells[0] << " on " << version << ": " << cells[2] << "\n  measured  "
                                              << measured.text() << "\n  predicted " << predicted.text();
        continue;
      }
      EXPECT_EQ(measured.text(), predicted.text()) << cells[0] << " on " << version << ": " << cells[2];
    }
  }
  EXPECT_EQ(rows, 163 * 6);
}

sql::TypeName type_of(const std::string& text) {
  const std::string statement = "CREATE TABLE t (c " + text + ")";
  sql::ParsedFile file = sql::parse(statement);
  return std::get<sql::CreateTable>(file.statements.at(0).command).columns.at(0).type;
}

std::string verdict_name(const impact::TypeVerdict& verdict, bool* may_be_value, bool* operators) {
  using impact::TypeChange;
  *operators = !verdict.unindexable.empty();
  *may_be_value = verdict.can_fail;
  switch (verdict.change) {
    case TypeChange::metadata:
      return "metadata";
    case TypeChange::index:
      return "index";
    case TypeChange::rewrite:
      return "rewrite";
    case TypeChange::needs_using:
      return "using";
    default:
      return "none";
  }
}

TEST(Impact, AgreesWithEveryMeasuredTypeChange) {
  int pairs = 0;
  for (const std::string& line : text::split(data("type_changes.txt"), "\n")) {
    if (line.empty() || line[0] == '#') continue;
    const size_t bar = line.find(" | ");
    const std::string from = line.substr(0, bar);
    for (const std::string& group : text::split(line.substr(bar + 3), "; ")) {
      const size_t colon = group.find(": ");
      std::string head = group.substr(0, colon);
      std::map<int, std::string> expected;
      for (const std::string& part : text::split(head, " ")) {
        const size_t separator = part.find(':');
        for (int version : versions(separator == std::string::npos ? "13-18" : part.substr(0, separator)))
          expected[version] = separator == std::string::npos ? part : part.substr(separator + 1);
      }
      for (std::string to : text::split(group.substr(colon + 2), ", ")) {
        pairs++;
        const bool utc = !to.ends_with(" @nonUTC");
        if (!utc) to.resize(to.size() - 8);
        const std::string source = from.ends_with(" @nonUTC") ? from.substr(0, from.size() - 8) : from;
        for (const auto& [version, measured] : expected) {
          bool value = false, operators = false;
          impact::TypeVerdict verdict =
              impact::judge_type_change(measured_database(), type_of(source), type_of(to), version, utc);
          std::string said = verdict_name(verdict, &value, &operators);
          if (measured == "value") {
            EXPECT_TRUE((said == "using" || said == "rewrite") && value)
                << from << " -> " << to << " on " << version << ": " << said;
          } else if (measured == "operators") {
            EXPECT_TRUE((said == "using" || said == "rewrite") && operators) << from << " -> " << to << ": " << said;
          } else {
            EXPECT_EQ(measured, said) << from << " -> " << to << " on " << version << (utc ? "" : " (not UTC)");
          }
        }
      }
    }
  }
  EXPECT_EQ(pairs, 3326);
}

}  // namespace
}  // namespace sluice::tests
