// What the tests of the server room share.
#pragma once

#include <functional>
#include <string>

#include "base/error.hpp"
#include "server/local.hpp"

namespace sluice::server {

// One server for the whole test program, and an empty database on it.
Scratch& scratch();
const std::string& database();

// The Error that the call throws; the test fails if there is none.
Error error_of(const std::function<void()>& call);

Error connect_error(const std::string& url);

// The same server under another user or database.
std::string changed(std::string url, const std::string& from, const std::string& to);

// Runs it in a child process, for what changes the process for good. Gives its exit code, 128 + N after signal N.
int in_child(const std::function<int()>& work);

}  // namespace sluice::server
