#include "model/snapshot.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "model/names.hpp"

namespace sluice::model {
namespace {

std::string error_of(const std::string& json) {
  try {
    parse_snapshot(json, "0001_snapshot.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Snapshot, SaysWhatIsWrong) {
  EXPECT_NE(error_of("{\"a\": }").find("not valid JSON"), std::string::npos);
  EXPECT_NE(error_of(R"({"version":"8","dialect":"postgresql"})").find("version 8"), std::string::npos);
  EXPECT_NE(error_of(R"({"version":"7","dialect":"mysql"})").find("'mysql'"), std::string::npos);
  EXPECT_NE(
      error_of(
          R"({"version":"7","dialect":"postgresql","tables":{"public.t":{"name":"t","columns":{"a":{"name":1}}}}})")
          .find("tables.public.t.columns.a.name is not a text"),
      std::string::npos);
}

TEST(Snapshot, ReadsVersionFive) {
  Schema schema = parse_snapshot(R"({"version":"5","dialect":"pg",
    "tables":{"t":{"name":"t","schema":"","columns":{"a":{"name":"a","type":"text","primaryKey":false,"notNull":true}},
      "indexes":{"i":{"name":"i","columns":["a"],"isUnique":true}}}},
    "enums":{"e":{"name":"e","values":{"x":"x","y":"y"}}}})",
                                 "s")
                      .schema;
  ASSERT_EQ(all<Index>(schema).size(), 1u);
  EXPECT_EQ(all<Index>(schema)[0].columns[0].expression, "a");
  EXPECT_EQ(all<Enum>(schema)[0].values, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(all<Table>(schema)[0].key.schema, "public");
}

TEST(Snapshot, EnumsWithoutTheirSchemaAreOfPublic) {
  const std::string json = R"({"version":"7","dialect":"postgresql",
    "tables":{"public.t":{"name":"t","schema":"","columns":{
      "a":{"name":"a","type":"e","primaryKey":false,"notNull":true},
      "b":{"name":"b","type":"e[]","primaryKey":false,"notNull":true},
      "c":{"name":"c","type":"text","primaryKey":false,"notNull":true}}}},
    "enums":{"public.e":{"name":"e","schema":"public","values":["x"]}}})";
  Schema schema = parse_snapshot(json, "s").schema;
  // It is printed as it was.
  EXPECT_EQ(print_snapshot({"a", "b", "7", schema}).find("typeSchema"), std::string::npos);
  std::optional<Schema> named = as_in_database(schema);
  ASSERT_TRUE(named);
  EXPECT_EQ(all<Column>(*named)[0].type_schema, "public");
  EXPECT_EQ(all<Column>(*named)[1].type_schema, "public");
  EXPECT_FALSE(all<Column>(*named)[2].type_schema);
  EXPECT_FALSE(as_in_database(*named));
}

TEST(Snapshot, EnumsWithoutTheirSchemaAreWhereTheyAre) {
  Schema schema;
  for (const char* key : {"a.only", "a.both", "b.both", "b.shown", "public.shown", "a.date"}) {
    const std::string text = key;
    all<Enum>(schema).push_back({{text.substr(0, text.find('.')), "", text.substr(text.find('.') + 1)}, {"x"}});
  }
  for (const char* type : {"only[]", "both", "shown", "date", "only(3)"})
    all<Column>(schema).push_back({{"public", "t", type}, type});
  std::optional<Schema> named = as_in_database(schema);
  ASSERT_TRUE(named);
  const auto& columns = all<Column>(*named);
  EXPECT_EQ(columns[0].type_schema, "a");
  EXPECT_FALSE(columns[1].type_schema) << "of two, nobody says which";
  EXPECT_EQ(columns[2].type_schema, "public");
  EXPECT_FALSE(columns[3].type_schema) << "PostgreSQL's own type comes first";
  EXPECT_FALSE(columns[4].type_schema);
}

TEST(Snapshot, PrintsWhatItRead) {
  Schema schema;
  all<Table>(schema).push_back({{"public", "", "t"}});
  Column column;
  column.key = {"public", "t", "Größe"};
  column.type = "integer";
  column.default_value = Literal{"5", false};
  all<Column>(schema).push_back(column);
  std::string json = print_snapshot({"a", "b", "7", schema});
  EXPECT_NE(json.find("\"default\": 5"), std::string::npos);
  EXPECT_NE(json.find("Größe"), std::string::npos);
  EXPECT_EQ(print_snapshot(parse_snapshot(json, "s")), json);
}

TEST(Type, SpacesThatMeanNothing) {
  EXPECT_TRUE(same_type("numeric(10, 2)", "numeric(10,2)"));
  EXPECT_TRUE(same_type("timestamp (3)", "timestamp(3)"));
  EXPECT_FALSE(same_type("timestamp with time zone", "timestampwith time zone"));
  EXPECT_FALSE(same_type("varchar(1)", "varchar(10)"));
}

TEST(Names, ClippedBetweenCharacters) {
  EXPECT_EQ(clipped(std::string(62, 'a') + "é"), std::string(62, 'a'));
  EXPECT_EQ(clipped("short"), "short");
  EXPECT_TRUE(same_name(std::string(63, 'a') + "x", std::string(63, 'a') + "y"));
}

TEST(Names, AsPostgreSQLMakesThem) {
  EXPECT_EQ(implicit_name("users", "", "pkey"), "users_pkey");
  EXPECT_EQ(implicit_name("users", "id", "seq"), "users_id_seq");
  EXPECT_EQ(implicit_name(std::string(63, 't'), "", "pkey"), std::string(58, 't') + "_pkey");
  EXPECT_EQ(implicit_name(std::string(40, 't'), std::string(40, 'c'), "seq"),
            std::string(29, 't') + "_" + std::string(29, 'c') + "_seq");
}

TEST(Names, LongOnesAreToldApart) {
  std::string begin(63, 'n');
  Schema schema;
  Unique unique;
  unique.key = {"public", "t", begin + "_unique"};
  all<Unique>(schema).push_back(unique);
  EXPECT_FALSE(with_distinct_names(schema));
  Index index;
  index.key = {"public", "t", begin + "_index"};
  all<Index>(schema).push_back(index);
  std::optional<Schema> distinct = with_distinct_names(schema);
  ASSERT_TRUE(distinct);
  EXPECT_EQ(all<Index>(*distinct)[0].key.name, index.key.name);
  EXPECT_EQ(all<Unique>(*distinct)[0].key.name.size(), max_name_bytes);
  EXPECT_FALSE(with_distinct_names(*distinct));
}

}  // namespace
}  // namespace sluice::model
