#include "model/rows.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "history/dated.hpp"

namespace sluice::model {
namespace {

Row table(const std::string& name) {
  return {{"schema", "public"}, {"name", name}, {"isRlsEnabled", false}, {"entityType", "tables"}};
}

Row column(const std::string& table, const std::string& name) {
  return {{"schema", "public"},    {"table", table},      {"name", name},           {"type", "text"},
          {"typeSchema", nullptr}, {"notNull", false},    {"dimensions", 0},        {"default", nullptr},
          {"generated", nullptr},  {"identity", nullptr}, {"entityType", "columns"}};
}

Row unique(const std::string& table, const std::string& column, const std::string& name) {
  return {{"schema", "public"},     {"table", table},      {"name", name},
          {"nameExplicit", false},  {"columns", {column}}, {"nullsNotDistinct", false},
          {"entityType", "uniques"}};
}

Rows rows_with(const std::vector<Row>& list) {
  Rows out;
  for (const Row& row : list) EXPECT_TRUE(out.add(row));
  return out;
}

TEST(Rows, WhatRefersToARenamedRowFollows) {
  Rows rows = rows_with({table("a"), column("a", "x"), unique("a", "x", "a_x_key")});
  EXPECT_TRUE(rows.rename({"columns", {"public", "a", "x"}, {"public", "a", "y"}}));
  EXPECT_TRUE(rows.rename({"tables", {"public", "", "a"}, {"public", "", "b"}}));
  const Row* found = rows.find(std::string("uniques\0", 8) + R"(["public","b","a_x_key"])");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->at("columns").dump(), R"(["y"])");
  EXPECT_FALSE(rows.rename({"tables", {"public", "", "a"}, {"public", "", "c"}}));  // there is none any more
}

TEST(Rows, TwoRowsNeverGetOneName) {
  Rows rows = rows_with({table("a"), table("b"), column("a", "x"), column("b", "x")});
  EXPECT_FALSE(rows.rename({"tables", {"public", "", "a"}, {"public", "", "b"}}));
  EXPECT_EQ(rows.list().size(), 4u);
  EXPECT_NE(rows.find(std::string("columns\0", 8) + R"(["public","a","x"])"), nullptr);
}

TEST(Rows, DeltasLeadFromOneToTheOther) {
  const Rows before = rows_with({table("a"), column("a", "x"), table("gone")});
  Row changed = column("b", "x");
  changed["notNull"] = true;
  const Rows after = rows_with({table("b"), changed, column("b", "new")});
  Rows state = before;
  for (const Row& delta : deltas(before, after, {{"tables", {"public", "", "a"}, {"public", "", "b"}}}))
    state.apply(delta);
  EXPECT_TRUE(same(state.to_json(), after.to_json())) << state.to_json().dump(2);
}

TEST(Rows, ANameThatNobodyGaveStays) {
  const Rows known = rows_with({table("a"), unique("a", "x", "a_x_unique")});
  Rows wanted = rows_with({table("a"), unique("a", "x", "a_x_key")});
  keep_names(known, wanted);
  EXPECT_TRUE(same(wanted.to_json(), known.to_json()));
}

TEST(Rows, WhatHasNotChangedKeepsItsRow) {
  Row role{{"name", "r"},     {"createDb", true},    {"createRole", false},
           {"inherit", true}, {"canLogin", nullptr}, {"entityType", "roles"}};
  const Rows known = rows_with({role, table("a"), column("a", "x")});
  Schema schema = schema_of(known);
  EXPECT_TRUE(same(rows_of(schema, known).to_json(), known.to_json()));
  all<Column>(schema).front().not_null = true;
  const Rows changed = rows_of(schema, known);
  EXPECT_TRUE(changed.find(std::string("columns\0", 8) + R"(["public","a","x"])")->at("notNull").get<bool>());
  EXPECT_TRUE(changed.find(std::string("roles\0", 6) + R"(["r"])")->at("canLogin").is_null());
}

TEST(Rows, SpellingOfVersion7) {
  Schema schema;
  all<Table>(schema).push_back({{"public", "", "t"}});
  Column tags{{"public", "t", "tags"}};
  tags.type = "numeric(10, 2)[]";
  tags.default_value = Literal{"'{}'::numeric(10, 2)[]", true};
  all<Column>(schema).push_back(tags);
  all<Check>(schema).push_back({{"public", "t", "c"}, R"("t"."tags" <> '"t".x' AND "public"."t"."tags" IS NOT NULL)"});
  const Rows rows = rows_of(schema);
  const Row* row = rows.find(std::string("columns\0", 8) + R"(["public","t","tags"])");
  EXPECT_EQ(row->at("type"), "numeric(10,2)");
  EXPECT_EQ(row->at("dimensions"), 1);
  EXPECT_EQ(row->at("default"), "'{}'");
  EXPECT_EQ(rows.find(std::string("checks\0", 7) + R"(["public","t","c"])")->at("value"),
            R"("tags" <> '"t".x' AND "tags" IS NOT NULL)");
}

TEST(Rows, SaysWhatIsWrong) {
  EXPECT_THROW(Rows(Row::object(), "f"), Error);
  EXPECT_THROW(Rows(Row::array({{{"entityType", "tables"}, {"name", "a"}}}), "f"), Error);
  EXPECT_THROW(Rows(Row::array({table("a"), table("a")}), "f"), Error);
  Rows rows = rows_with({table("a")});
  EXPECT_THROW(rows.apply({{"op", "create"}, {"row", {{"entityType", "tables"}, {"schema", "public"}, {"name", "a"}}}}),
               Error);
  EXPECT_THROW(rows.apply({{"op", "turn"}, {"key", "x"}}), Error);
}

TEST(DatedFolder, TheTimeOfItsName) {
  EXPECT_EQ(history::time_of_folder("20260103120000_a"), 1'767'441'600'000);
  EXPECT_FALSE(history::time_of_folder("20261303120000_a"));
  EXPECT_FALSE(history::time_of_folder("20260103120000"));
  EXPECT_FALSE(history::time_of_folder("0000_init"));
}

}  // namespace
}  // namespace sluice::model
