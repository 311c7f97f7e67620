// The studio's rows and statements on a real server.
#include <gtest/gtest.h>

#include "server_support.hpp"
#include "studio/changes.hpp"
#include "studio/query.hpp"
#include "studio/transfer.hpp"

namespace sluice::studio {
namespace {

using server::Connection;

const char* const tables = R"(
DROP SCHEMA IF EXISTS st CASCADE; CREATE SCHEMA st; SET search_path = st;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE one (id int PRIMARY KEY, may_be int, word varchar(5), mood mood, "odd ""name" text);
INSERT INTO one SELECT i, nullif(i % 4, 0), (array['b', 'a', NULL])[1 + i % 3], 'ok', 'x' FROM generate_series(1, 50) i;
CREATE TABLE two (a int, b char(3), note json, PRIMARY KEY (b, a));
INSERT INTO two SELECT i % 7, 'k' || i / 7, '{}' FROM generate_series(1, 40) i;
CREATE TABLE none (word text); INSERT INTO none SELECT i::text FROM generate_series(1, 30) i;
CREATE TABLE marks (word text);
CREATE VIEW shown AS SELECT id, may_be FROM one;
CREATE TABLE long (id int PRIMARY KEY, words text, raw bytea);
INSERT INTO long VALUES (1, repeat('ä', 1000), '\x00'), (2, repeat('ä', 1001), decode(repeat('00', 2000), 'hex'));
)";

class Studio : public testing::Test {
 protected:
  Studio() : connection(target()) { connection.execute(tables); }
  static server::Target target() {
    server::Target target;
    target.url = server::database();
    return target;
  }
  // All rows, by pages of that size.
  std::vector<Json> pages(const std::string& table, Json request, size_t limit) {
    const TableInfo info = table_info(connection, "st", table);
    std::vector<Json> rows;
    request["limit"] = limit;
    for (int page = 0; page < 100; page++) {
      const Json answer = read_rows(connection, info, request);
      EXPECT_LE(answer["rows"].size(), limit);
      for (const Json& row : answer["rows"]) rows.push_back(row["values"]);
      if (answer["next"].is_null()) return rows;
      request["after"] = answer["next"];
    }
    ADD_FAILURE() << "the pages do not end";
    return rows;
  }
  Json saved(const std::string& table, const Json& request) {
    const TableInfo info = table_info(connection, "st", table);
    const std::vector<Change> changes = changes_of(info, request);
    apply_changes(connection, info, changes);
    Json out = Json::array();
    for (const Change& change : changes) out.push_back(change.sql);
    return out;
  }
  std::string asked(const std::string& sql) { return connection.execute(sql).text(0, 0); }

  Connection connection;
};

TEST_F(Studio, PagesAreTheWholeTableInOrder) {
  const std::vector<std::pair<std::string, std::vector<Json>>> sorts{{"one", {nullptr, "id", "may_be", "word", "mood"}},
                                                                     {"two", {nullptr, "a", "b"}},
                                                                     {"none", {nullptr, "word"}},
                                                                     {"shown", {"id", "may_be"}}};
  for (const auto& [table, columns] : sorts)
    for (const Json& column : columns)
      for (const bool descending : {false, true}) {
        Json request = Json::object();
        if (!column.is_null()) request["sort"] = {{"column", column}, {"descending", descending}};
        const std::vector<Json> whole = pages(table, request, 1000);
        EXPECT_EQ(pages(table, request, 7), whole) << table << " by " << column << (descending ? " descending" : "");
        EXPECT_EQ(std::to_string(whole.size()), asked("SELECT count(*) FROM st." + table));
      }
}

TEST_F(Studio, FiltersSayWhatTheyMean) {
  auto count = [&](const char* column, const char* op, const Json& value) {
    return pages("one", {{"filters", {{{"column", column}, {"operator", op}, {"value", value}}}}}, 1000).size();
  };
  EXPECT_EQ(count("id", "=", "7"), 1u);
  EXPECT_EQ(count("id", "<>", "7"), 49u);
  EXPECT_EQ(count("may_be", "<>", "1"), 37u);  // also NULL
  EXPECT_EQ(count("may_be", "is null", nullptr), 12u);
  EXPECT_EQ(count("may_be", "=", nullptr), 12u);
  EXPECT_EQ(count("id", "in", "1, 2,3"), 3u);
  EXPECT_EQ(count("word", "=", "bcdefgh"), 0u);  // not cut to the column's length
  EXPECT_EQ(count("word", "contains", "A"), 17u);
  EXPECT_EQ(count("odd \"name", "contains", "%"), 0u);  // a letter
  EXPECT_EQ(count("mood", "=", "ok"), 50u);
  EXPECT_EQ(count("odd \"name", "=", "'; DROP TABLE one; --"), 0u);
  EXPECT_THROW(count("nothing", "=", "1"), Error);
  EXPECT_THROW(count("id", "; DROP", "1"), Error);
  EXPECT_THROW(count("id", "=", "x"), Error);
}

TEST_F(Studio, LongValuesAreCutAndReadInFull) {
  const TableInfo info = table_info(connection, "st", "long");
  const Json rows = read_rows(connection, info, Json::object())["rows"];
  EXPECT_FALSE(rows[0].contains("cut"));
  EXPECT_EQ(rows[1]["cut"], Json({1, 2}));
  EXPECT_EQ(rows[1]["values"][1].get<std::string>().size(), 2000u);
  EXPECT_EQ(read_value(connection, info, {{"key", {"2"}}, {"column", "words"}})["value"].get<std::string>().size(),
            2002u);
  EXPECT_EQ(read_value(connection, info, {{"key", {"2"}}, {"column", "raw"}})["value"].get<std::string>().size(),
            4002u);
}

TEST_F(Studio, SavesAllChangesOrNone) {
  const Json rows = read_rows(connection, table_info(connection, "st", "one"), {{"limit", 3}})["rows"];
  auto at = [&](size_t row, const Json& set) {
    return Json{{"key", rows[row]["key"]}, {"version", rows[row]["version"]}, {"set", set}};
  };
  const Json statements = saved("one", {{"updates", {at(0, {{"odd \"name", "it's"}, {"may_be", nullptr}})}},
                                        {"deletes", {at(1, Json::object())}},
                                        {"inserts", {{{"set", {{"id", "100"}}}}}}});
  EXPECT_EQ(statements[0], R"(DELETE FROM "st"."one" WHERE "id" = '2';)");
  EXPECT_EQ(statements[1], R"(UPDATE "st"."one" SET "may_be" = NULL, "odd ""name" = 'it''s' WHERE "id" = '1';)");
  EXPECT_EQ(statements[2], R"(INSERT INTO "st"."one" ("id") VALUES ('100');)");
  EXPECT_EQ(asked("SELECT string_agg(id::text, ',' ORDER BY id) FROM st.one WHERE id < 4 OR id > 50"), "1,3,100");
  // The version that was read is gone.
  EXPECT_THROW(saved("one", {{"updates", {at(0, {{"word", "x"}})}}}), Error);
  EXPECT_THROW(saved("one", {{"deletes", {at(1, Json::object())}}}), Error);
  // The second one fails, and takes the first one back.
  EXPECT_THROW(saved("one", {{"updates", {at(2, {{"word", "first"}})}}, {"inserts", {{{"set", {{"id", "1"}}}}}}}),
               Error);
  EXPECT_EQ(asked("SELECT count(*) FROM st.one WHERE word = 'first'"), "0");
  EXPECT_THROW(saved("shown", {{"inserts", {{{"set", {{"id", "1"}}}}}}}), Error);
  EXPECT_THROW(saved("one", {{"inserts", {{{"set", {{"id\"; --", "1"}}}}}}}), Error);
}

TEST_F(Studio, RowsGoOutAndComeInAgain) {
  const TableInfo info = table_info(connection, "st", "two");
  std::string csv, json;
  auto into = [](std::string& out) { return [&out](std::string_view piece) { return out += piece, true; }; };
  export_rows(connection, info, Json::object(), Format::csv, into(csv));
  export_rows(connection, info, {{"filters", {{{"column", "a"}, {"operator", "="}, {"value", "0"}}}}}, Format::json,
              into(json));
  EXPECT_EQ(Json::parse(json).size(), 5u);
  const size_t header = csv.find('\n') + 1;
  EXPECT_EQ(csv.substr(0, header), "a,b,note\n");
  connection.execute("TRUNCATE st.two");
  EXPECT_EQ(import_csv(connection, info, {"a", "b", "note"}, std::string_view(csv).substr(header)), 40u);
  EXPECT_THROW(import_csv(connection, info, {"a", "b"}, "1,new\n1,k0 \n"), Error);
  EXPECT_EQ(asked("SELECT count(*) FROM st.two"), "40");
  // What ends the data of a COPY is a value like any other here.
  const TableInfo words = table_info(connection, "st", "marks");
  connection.execute(R"(INSERT INTO st.marks VALUES ('\.'), ('behind it'), (E'a\n\\.\nb'), ('"'))");
  csv.clear();
  export_rows(connection, words, Json::object(), Format::csv, into(csv));
  connection.execute("TRUNCATE st.marks");
  EXPECT_EQ(import_csv(connection, words, {"word"}, std::string_view(csv).substr(csv.find('\n') + 1)), 4u);
  EXPECT_EQ(import_csv(connection, words, {"word"}, "\\.\nlast\n\\.\n\\."), 4u);
  EXPECT_EQ(asked(R"(SELECT count(*) FROM st.marks WHERE word = '\.')"), "4");
}

TEST_F(Studio, AReadOnlySessionCannotBeLeft) {
  Databases databases({{"d", "d", server::database(), true}}, false, 30);
  Runs runs;
  for (const char* sql :
       {"DELETE FROM st.one", "COMMIT; DELETE FROM st.one", "SET TRANSACTION READ WRITE; DELETE FROM st.one",
        "RESET ALL; DELETE FROM st.one", "COPY st.one TO '/dev/null'", "PREPARE TRANSACTION 'x'",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "DO $$BEGIN SET TRANSACTION READ WRITE; DELETE FROM st.one; END$$"})
    EXPECT_TRUE(run_sql(databases, runs, {{"sql", sql}}).contains("error")) << sql;
  EXPECT_EQ(run_sql(databases, runs, {{"sql", "SELECT count(*) FROM st.one"}})["results"][0]["rows"][0][0], "50");
}

TEST_F(Studio, ErrorsPointAtTheirPlace) {
  Databases databases({{"d", "d", server::database(), false}}, false, 30);
  Runs runs;
  const std::string sql = "SELECT 'ä🙂';\nSELECT 'é', nothing FROM st.one";
  const Json answer = run_sql(databases, runs, {{"sql", sql}});
  EXPECT_EQ(answer["results"].size(), 1u);
  EXPECT_EQ(answer["error"]["position"], 26);  // UTF-16 units: the picture counts two
}

}  // namespace
}  // namespace sluice::studio
