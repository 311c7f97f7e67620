#include "server_support.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "server/connection.hpp"

namespace sluice::server {

Scratch& scratch() {
  static Scratch server{std::filesystem::current_path()};
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

std::string changed(std::string url, const std::string& from, const std::string& to) {
  return url.replace(url.find(from), from.size(), to);
}

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

}  // namespace sluice::server
