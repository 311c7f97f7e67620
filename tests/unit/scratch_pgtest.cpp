// Scratch servers: databases apart from each other, and nothing left behind, whatever ends the process.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "server/connection.hpp"
#include "server/connection_text.hpp"
#include "server_support.hpp"

namespace sluice::server {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

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

}  // namespace
}  // namespace sluice::server
