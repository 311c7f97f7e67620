// A connection to a real server: statements, errors, interrupts, and how what cannot be reached is explained.
#include "server/connection.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/interrupt.hpp"
#include "server_support.hpp"

namespace sluice::server {
namespace {

using std::chrono::milliseconds;

TEST(ServerConnection, ExecuteGivesTheLastResult) {
  Connection connection({database()});
  Rows rows = connection.execute("SELECT 1; SELECT 'a' AS x, NULL AS y UNION ALL SELECT 'ü', ''");
  EXPECT_EQ(rows.columns, (std::vector<std::string>{"x", "y"}));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows.text(1, 0), "ü");
  EXPECT_FALSE(rows.rows[0][1].has_value());
  EXPECT_EQ(rows.rows[1][1], "");
  EXPECT_EQ(connection.execute("CREATE TABLE made (a int); INSERT INTO made VALUES (1), (2)").command_tag,
            "INSERT 0 2");
  EXPECT_TRUE(connection.execute("").empty());
  EXPECT_TRUE(connection.execute(" -- nothing\n;").empty());
  EXPECT_GE(connection.version(), 130000);
}

TEST(ServerConnection, QueryTakesParameters) {
  Connection connection({database()});
  Rows rows = connection.query("SELECT $1::text, $2::text, $3::int + 1", {"it's 'ü'", std::nullopt, "41"});
  EXPECT_EQ(rows.text(0, 0), "it's 'ü'");
  EXPECT_FALSE(rows.rows[0][1].has_value());
  EXPECT_EQ(rows.text(0, 2), "42");
  EXPECT_EQ(error_of([&] { connection.query("SELECT 1; SELECT 2", {}); }).context.sqlstate, "42601");
  EXPECT_NE(std::string(error_of([&] { connection.query("SELECT $1", {std::string("a\0b", 3)}); }).what()).find("zero"),
            std::string::npos);
}

TEST(ServerConnection, LargeStatementsAndResults) {
  Connection connection({database()});
  const std::string big(20'000'000, 'x');
  EXPECT_EQ(connection.execute("SELECT length('" + big + "')").text(0, 0), "20000000");
  EXPECT_EQ(connection.execute("SELECT repeat('y', 20000000)").text(0, 0).size(), 20'000'000u);
  // The server answers while we still send.
  std::string many;
  for (int i = 0; i < 20000; i++) many += "SELECT repeat('z', 1000);\n";
  EXPECT_EQ(connection.execute(many).text(0, 0).size(), 1000u);
}

TEST(ServerConnection, ErrorsCarryLineInCharactersNotBytes) {
  Connection connection({database()});
  Error error = error_of([&] {
    connection.execute("-- größer: 日本語 🙂🙂🙂\nSELECT 'ääääää',\n\n  wrong_column;\n\n\nSELECT 2");
  });
  EXPECT_STREQ(error.what(), "column \"wrong_column\" does not exist");
  EXPECT_EQ(error.context.sqlstate, "42703");
  EXPECT_EQ(error.context.at.line, 4);
  EXPECT_NE(error.context.statement.find("wrong_column"), std::string::npos);
  EXPECT_EQ(error_of([&] { connection.execute("\n\nSELEKT"); }).context.at.line, 3);
  EXPECT_EQ(error_of([&] { connection.query("SELECT 'ü',\n$1 + nothing", {"1"}); }).context.at.line, 2);
}

TEST(ServerConnection, ErrorsCarryDetailHintAndContext) {
  Connection connection({database()});
  connection.execute("CREATE TABLE keyed (a int PRIMARY KEY)");
  Error twice = error_of([&] { connection.execute("INSERT INTO keyed VALUES (1); INSERT INTO keyed VALUES (1)"); });
  EXPECT_EQ(twice.context.sqlstate, "23505");
  EXPECT_NE(twice.context.detail.find("Key (a)=(1) already exists."), std::string::npos);
  EXPECT_NE(twice.context.detail.find("statement 2"), std::string::npos);
  EXPECT_EQ(connection.execute("SELECT count(*) FROM keyed").text(0, 0), "0");
  Error inside = error_of([&] { connection.execute("DO $$ BEGIN PERFORM 1 / 0; END $$"); });
  EXPECT_NE(inside.context.detail.find("where: "), std::string::npos);
  EXPECT_NE(inside.context.detail.find("PL/pgSQL"), std::string::npos);
  EXPECT_FALSE(error_of([&] { connection.execute("SELECT lenght('a')"); }).context.hint.empty());
  EXPECT_NE(std::string(error_of([&] { connection.execute(std::string("SELECT 1\0", 9)); }).what()).find("zero"),
            std::string::npos);
  EXPECT_FALSE(connection.broken());
}

TEST(ServerConnection, NoticesReachTheHandler) {
  Connection connection({database()});
  std::vector<std::string> seen;
  connection.on_notice([&](std::string_view severity, std::string_view message) {
    seen.push_back(std::string(severity) + ": " + std::string(message));
  });
  connection.execute("DO $$ BEGIN RAISE NOTICE 'first'; RAISE WARNING 'second'; END $$; DROP TABLE IF EXISTS nothing");
  EXPECT_EQ(seen, (std::vector<std::string>{"NOTICE: first", "WARNING: second",
                                            "NOTICE: table \"nothing\" does not exist, skipping"}));
  connection.on_notice([](std::string_view, std::string_view) { throw Error("enough"); });
  EXPECT_STREQ(error_of([&] { connection.execute("DO $$ BEGIN RAISE NOTICE 'x'; END $$"); }).what(), "enough");
  EXPECT_TRUE(connection.broken());
}

TEST(ServerConnection, CopyIsRefusedAndTheConnectionGoesOn) {
  Connection connection({database()});
  connection.execute("CREATE TABLE copied (a int)");
  Error in = error_of([&] { connection.execute("INSERT INTO copied VALUES (1); COPY copied FROM STDIN; SELECT 1"); });
  EXPECT_NE(std::string(in.what()).find("FROM STDIN"), std::string::npos);
  EXPECT_EQ(connection.execute("SELECT count(*) FROM copied").text(0, 0), "0");
  Error out = error_of([&] { connection.execute("COPY (SELECT generate_series(1, 5000000)) TO STDOUT"); });
  EXPECT_NE(std::string(out.what()).find("TO STDOUT"), std::string::npos);
  EXPECT_EQ(connection.execute("SELECT 7").text(0, 0), "7");
}

TEST(ServerConnection, Transactions) {
  Connection connection({database()});
  connection.execute("CREATE TABLE kept (a int)");
  {
    Transaction transaction(connection);
    EXPECT_TRUE(connection.in_transaction());
    connection.execute("INSERT INTO kept VALUES (1)");
  }
  EXPECT_FALSE(connection.in_transaction());
  EXPECT_EQ(connection.execute("SELECT count(*) FROM kept").text(0, 0), "0");
  {
    Transaction transaction(connection, "BEGIN ISOLATION LEVEL SERIALIZABLE");
    connection.execute("INSERT INTO kept VALUES (1)");
    transaction.commit();
  }
  EXPECT_EQ(connection.execute("SELECT count(*) FROM kept").text(0, 0), "1");
  Transaction failed(connection);
  error_of([&] { connection.execute("SELECT 1 / 0"); });
  EXPECT_TRUE(connection.in_transaction());
  EXPECT_NE(std::string(error_of([&] { failed.commit(); }).what()).find("rolled back"), std::string::npos);
  EXPECT_FALSE(connection.in_transaction());
}

TEST(ServerConnection, ALostConnectionIsToldAndStaysBroken) {
  Connection connection({database()}), other({database()});
  const std::string pid = std::to_string(connection.backend_pid());
  std::thread killer([&] {
    std::this_thread::sleep_for(milliseconds(200));
    other.query("SELECT pg_terminate_backend($1)", {pid});
  });
  Error error = error_of([&] { connection.execute("SELECT pg_sleep(20)"); });
  killer.join();
  EXPECT_EQ(error.context.sqlstate, "57P01");
  EXPECT_TRUE(connection.broken());
  EXPECT_NE(std::string(error_of([&] { connection.execute("SELECT 1"); }).what()).find("broken"), std::string::npos);
}

TEST(ServerConnection, MovesAndDescribesItself) {
  Connection first({database(), "sluice-test"});
  Connection second = std::move(first);
  EXPECT_EQ(second.execute("SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()").text(0, 0),
            "sluice-test");
  EXPECT_NE(second.describe().find("database \"scratch_"), std::string::npos);
  EXPECT_FALSE(second.behind_transaction_pooler());
  EXPECT_EQ(second.execute("SHOW client_encoding").text(0, 0), "UTF8");
  if (second.version() >= 140000) {
    EXPECT_EQ(second.execute("SHOW client_connection_check_interval").text(0, 0), "2s");
  }
}

TEST(ServerConnection, AnInterruptCancelsTheStatement) {
  const std::string url = database();
  // In a process of its own, since the request to stop is never taken back.
  EXPECT_EQ(in_child([&] {
              interrupt::install();
              Connection connection({url}), other({url});
              Transaction transaction(connection);
              connection.execute("CREATE TABLE interrupted (a int)");
              std::thread user([] {
                std::this_thread::sleep_for(milliseconds(300));
                kill(getpid(), SIGINT);
              });
              auto start = std::chrono::steady_clock::now();
              int result = 1;
              try {
                connection.execute("SELECT 1; SELECT pg_sleep(30)");
              } catch (const Error& error) {
                result = error.context.exit == Exit::interrupted && error.context.sqlstate == "57014" ? 0 : 2;
              }
              user.join();
              if (std::chrono::steady_clock::now() - start > std::chrono::seconds(5)) return 3;
              if (result || !connection.in_transaction()) return result ? result : 4;
              connection.execute("ROLLBACK");  // told once; now we can tidy up
              // A connection that has not told it yet stops before its next statement.
              try {
                other.execute("SELECT 1");
                return 5;
              } catch (const Error& error) {
                if (error.context.exit != Exit::interrupted) return 6;
              }
              return other.execute("SELECT to_regclass('interrupted') IS NULL").text(0, 0) == "t" ? 0 : 7;
            }),
            0);
}

TEST(ServerConnection, AnInterruptStopsConnecting) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  listen(listener, 5);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  const std::string url = "postgresql://u:secret@127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/d";
  // It takes connections and says nothing.
  Error slow = connect_error(url + "?connect_timeout=1");
  EXPECT_NE(std::string(slow.what()).find("did not answer within 1 s"), std::string::npos) << slow.what();
  EXPECT_EQ(in_child([&] {
              interrupt::install();
              std::thread user([] {
                std::this_thread::sleep_for(milliseconds(200));
                kill(getpid(), SIGINT);
              });
              Error error = connect_error(url);
              user.join();
              return error.context.exit == Exit::interrupted ? 0 : 1;
            }),
            0);
  close(listener);
}

TEST(ServerConnection, RefusalsAreExplained) {
  Error unknown = connect_error(changed(database(), "/scratch_", "/nothing_"));
  EXPECT_EQ(unknown.context.sqlstate, "3D000");
  EXPECT_NE(std::string(unknown.what()).find("database \"nothing_1\" does not exist"), std::string::npos)
      << unknown.what();
  Error role = connect_error(changed(database(), "postgres@", "somebody@"));
  EXPECT_EQ(role.context.sqlstate, "28000");
  EXPECT_NE(std::string(role.what()).find("user \"somebody\" does not exist"), std::string::npos) << role.what();
  Connection({database()}).execute("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0");
  Error crowded = connect_error(changed(database(), "postgres@", "crowded@"));
  EXPECT_EQ(crowded.context.sqlstate, "53300");
  EXPECT_NE(std::string(crowded.what()).find("too many connections"), std::string::npos) << crowded.what();
}

TEST(ServerConnection, UnreachableServersAreExplained) {
  Error refused = connect_error("postgresql://u:secret@localhost:1/d");
  EXPECT_STREQ(refused.what(), "nothing is listening at localhost:1");
  EXPECT_FALSE(refused.context.hint.empty());
  EXPECT_EQ((refused.what() + refused.context.detail + refused.context.hint).find("secret"), std::string::npos);
  EXPECT_NE(std::string(connect_error("postgresql://h.invalid/d").what()).find("h.invalid"), std::string::npos);
  EXPECT_NE(std::string(connect_error("host=/nowhere").what()).find("/nowhere"), std::string::npos);
  EXPECT_NE(std::string(connect_error("postgresql://h?sslmode=nonsense").context.detail).find("sslmode"),
            std::string::npos);
}

}  // namespace
}  // namespace sluice::server
