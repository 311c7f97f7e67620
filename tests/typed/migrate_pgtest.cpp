// Migrations that are compiled into the program.
#include <gtest/gtest.h>

#include <sluice/migrate.hpp>
#include <sluice/statement.hpp>
#include <thread>

#include "server_support.hpp"

namespace sluice {

namespace {

TEST(Migrate, AppliesWhatIsPendingOnce) {
  pg::Database db(server::scratch().create_database());
  std::vector<std::string> seen;
  auto applied = migrate(db, {.applying = [&](std::string_view name) { seen.emplace_back(name); }});
  ASSERT_EQ(applied.size(), 3U);
  EXPECT_EQ(applied[0].name, "0000_init");
  EXPECT_EQ(seen.size(), 3U);
  EXPECT_EQ(migrate(db).size(), 0U);
  EXPECT_EQ(db.sql<std::int64_t>("select count(*) from drizzle.__drizzle_migrations").front(), 3);
  EXPECT_EQ(db.sql<std::string>("select command || ' ' || outcome from sluice.runs").front(), "migrate done");
}

TEST(Migrate, ManyProgramsStartAtOnce) {
  std::string url = server::scratch().create_database();
  std::atomic<std::size_t> applied = 0;
  {
    std::vector<std::jthread> programs;
    for (int i = 0; i < 4; i++)
      programs.emplace_back([&] {
        pg::Database db(url);
        applied += migrate(db, {.ledger_schema = "app"}).size();
      });
  }
  EXPECT_EQ(applied, 3U);
}

TEST(Migrate, AFailureSaysWhatIsTrueNow) {
  constexpr unsigned char journal[] =
      R"({"version":"7","dialect":"postgresql","entries":[{"idx":0,"version":"7","when":1,"tag":"0000_bad","breakpoints":true}]})";
  constexpr unsigned char sql[] = "CREATE TABLE t (id integer);\nSELECT 1/0;\n";
  const embedded_file files[] = {{"meta/_journal.json", journal, sizeof journal - 1},
                                 {"0000_bad.sql", sql, sizeof sql - 1}};
  pg::Database db(server::scratch().create_database());
  try {
    migrate(db, files);
    FAIL();
  } catch (const pg::Error& error) {
    EXPECT_EQ(error.sqlstate, "22012");
    std::string what = error.what();
    EXPECT_TRUE(what.starts_with("0000_bad.sql:2: ")) << what;
    EXPECT_EQ(what.find("/tmp"), std::string::npos) << what;
  }
  EXPECT_EQ(db.sql<bool>("select to_regclass('t') is null").front(), true);
}

}  // namespace

}  // namespace sluice
