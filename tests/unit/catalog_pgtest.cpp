// tests/cases/catalog/*.case: SQL that makes a database, and the Schema that is read from it, one line for each object.
//
//   sql           the database
//   options       "schemas a b", "tables glob !glob", "roles all", "roles a b", "policies-of auth.users"; may be left
//   out schema        what is read not covered   what the model cannot hold
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "case_file.hpp"
#include "read/catalog/catalog.hpp"
#include "read/catalog/spelling.hpp"
#include "server/connection.hpp"
#include "server_support.hpp"
#include "write/typescript.hpp"

namespace sluice::tests {
namespace {

using namespace model;

std::string shown(const std::string& value) { return value; }
std::string shown(bool value) { return value ? "true" : "false"; }
std::string shown(const Literal& value) { return value.is_string ? value.text : "bare " + value.text; }
std::string shown(const std::vector<std::string>& value) { return "[" + text::join(value, ", ") + "]"; }
std::string shown(const Options& value) {
  std::string out;
  for (const auto& [name, literal] : value) out += (out.empty() ? "" : ", ") + name + "=" + shown(literal);
  return "{" + out + "}";
}
std::string shown(const std::vector<IndexColumn>& value) {
  std::vector<std::string> out;
  for (const IndexColumn& column : value)
    out.push_back((column.is_expression ? "= " : "") + column.expression + (column.ascending ? "" : " desc") +
                  (column.nulls == "last" ? "" : " nulls " + column.nulls) +
                  (column.opclass ? " op " + *column.opclass : ""));
  return shown(out);
}
template <class T>
std::string fields_of(const T& object);
template <class T>
std::string shown(const T& object) {
  return "(" + fields_of(object) + ")";
}

// Fields that have the value they have in an empty object say nothing.
template <class T>
std::string fields_of(const T& object) {
  std::vector<std::string> plain, out;
  auto value = [](const auto& field) {
    if constexpr (requires { field.has_value(); })
      return field ? shown(*field) : std::string();
    else
      return shown(field);
  };
  const T empty{};
  T::fields(empty, [&](const char*, const auto& field) { plain.push_back(value(field)); });
  size_t i = 0;
  T::fields(object, [&](const char* name, const auto& field) {
    std::string text = value(field);
    if (text != plain[i++]) out.push_back(name + std::string(" ") + text);
  });
  return text::join(out, ", ");
}

std::string printed(const Schema& schema) {
  std::string out;
  auto each = [&](const auto& objects) {
    for (const auto& object : objects) {
      using Kind = std::remove_cvref_t<decltype(object)>;
      std::string fields = fields_of(object);
      out += std::string(kind_name<Kind>) + " " + display(object.key) + (fields.empty() ? "" : ": " + fields) + "\n";
      if constexpr (std::is_same_v<Kind, View>)
        for (const Column& column : object.columns) out += "  " + column.key.name + ": " + fields_of(column) + "\n";
    }
  };
  std::apply([&](const auto&... kinds) { (each(kinds), ...); }, schema);
  return out;
}

read::CatalogOptions options_of(const CaseFile& file) {
  read::CatalogOptions options;
  for (const std::string& line : file.lines("options")) {
    std::vector<std::string> words = text::split(line, " ");
    std::string verb = words.front();
    words.erase(words.begin());
    if (verb == "schemas") {
      options.schemas = words;
    } else if (verb == "tables") {
      options.tables = words;
    } else if (verb == "roles") {
      if (words.front() == "all")
        options.roles.all = true;
      else
        options.roles.include = words;
    } else if (verb == "policies-of") {
      for (const std::string& word : words) {
        auto parts = text::split(word, ".");
        options.policies_of.push_back({parts.at(0), "", parts.at(1)});
      }
    } else {
      ADD_FAILURE() << "unknown option " << verb;
    }
  }
  return options;
}

class Catalog : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Catalog, IsReadAsSchema) {
  CaseFile file = CaseFile::read(GetParam());
  server::Connection connection({server::scratch().create_database()});
  if (const std::string* from = file.find("from"); from && connection.version() / 10000 < std::stoi(*from))
    GTEST_SKIP() << "PostgreSQL " << *from << " and newer";
  connection.execute(*file.find("sql"));
  read::Catalog catalog = read::catalog(connection, options_of(file));
  EXPECT_FALSE(connection.in_transaction());
  std::string notes;
  for (const read::NotCovered& note : catalog.not_covered)
    notes += note.kind + " " + display(note.key) + (note.detail.empty() ? "" : " " + note.detail) +
             (note.partly ? " (partly)" : "") + "\n";
  for (const Policy& policy : catalog.policies_elsewhere)
    notes += "elsewhere " + display(policy.key) + ": " + fields_of(policy) + "\n";
  std::string schema = printed(catalog.schema);
  std::string typescript = write::typescript(catalog.schema).schema;
  if (update_wanted()) {
    file.set("schema", schema);
    if (!notes.empty()) file.set("not covered", notes);
    if (file.find("typescript")) file.set("typescript", typescript);
    file.write();
    return;
  }
  EXPECT_EQ(text::trim(schema), text::trim(file.find("schema") ? *file.find("schema") : ""));
  EXPECT_EQ(text::trim(notes), text::trim(file.find("not covered") ? *file.find("not covered") : ""));
  if (const std::string* expected = file.find("typescript")) {
    EXPECT_EQ(text::trim(typescript), text::trim(*expected));
  }
}

std::string name_of(const testing::TestParamInfo<std::filesystem::path>& info) { return info.param.stem().string(); }

INSTANTIATE_TEST_SUITE_P(Cases, Catalog, testing::ValuesIn(case_files("catalog")), name_of);

TEST(TableFilter, IsThatOfDrizzleKit) {
  EXPECT_TRUE(read::passes({}, "users"));
  EXPECT_TRUE(read::passes({"user*"}, "users"));
  EXPECT_FALSE(read::passes({"user*"}, "posts"));
  EXPECT_TRUE(read::passes({"!posts"}, "users"));
  EXPECT_FALSE(read::passes({"!posts"}, "posts"));
  EXPECT_FALSE(read::passes({"p*", "!posts"}, "posts"));
  EXPECT_TRUE(read::passes({"p*", "!posts"}, "people"));
}

TEST(TextLiteral, EndsWhereTheServerEndsIt) {
  EXPECT_EQ(read::text_literal("'it''s'::text")->value, "it's");
  EXPECT_EQ(read::text_literal("'it''s'::text")->end, 7u);
  EXPECT_EQ(read::text_literal(R"(E'a\\b'::text)")->value, "a\\b");
  EXPECT_FALSE(read::text_literal("now()"));
  EXPECT_FALSE(read::text_literal("'open"));
}

}  // namespace
}  // namespace sluice::tests
