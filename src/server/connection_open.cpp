#include "server/connection_open.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <vector>

#include "base/interrupt.hpp"
#include "server/connection_errors.hpp"
#include "server/engine.hpp"

namespace sluice::server {

namespace {

using Clock = std::chrono::steady_clock;

// Seconds per address, 0 for no limit: the URL's connect_timeout, PGCONNECT_TIMEOUT, ours. libpq itself enforces them
// only in its blocking functions.
int timeout_of(const Settings& settings, const Target& target) {
  auto given = settings.find("connect_timeout");
  const char* environment = std::getenv("PGCONNECT_TIMEOUT");
  if (given == settings.end() && !(environment && *environment))
    return static_cast<int>(target.connect_timeout.count());
  const char* text = given != settings.end() ? given->second.c_str() : environment;
  return static_cast<int>(std::clamp(std::strtol(text, nullptr, 10), 0L, 3600L));
}

Settings with_defaults(Settings settings, const Target& target, int timeout) {
  settings["client_encoding"] = "UTF8";
  settings["application_name"] = target.application_name;
  if (!target.database.empty()) settings["dbname"] = target.database;
  if (!target.search_path.empty()) {
    std::string& options = settings["options"];
    options += (options.empty() ? "-csearch_path=" : " -csearch_path=");
    for (char c : target.search_path) options += (c == ' ' || c == '\\' ? "\\" : "") + std::string(1, c);
  }
  // A migration may be silent for hours while an index is built; firewalls forget silent connections.
  const Settings defaults{
      {"keepalives", "1"}, {"keepalives_idle", "30"}, {"keepalives_interval", "10"}, {"keepalives_count", "6"}};
  settings.insert(defaults.begin(), defaults.end());
  // While connecting, this makes TCP give up an address in time, and libpq goes on to the host's next one.
  if (timeout > 0) settings.insert({"tcp_user_timeout", std::to_string(timeout * 1000)});
  return settings;
}

PgConnection start(const Settings& settings) {
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : settings) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PgConnection connection(PQconnectStartParams(keys.data(), values.data(), 0));
  if (!connection) throw Error("out of memory");
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);  // puts the SQLSTATE into messages, see connection_errors
  return connection;
}

void finish(PGconn* connection, const Settings& settings, int timeout) {
  if (PQstatus(connection) == CONNECTION_BAD) throw connection_error(connection, settings);
  // Every address, and every second try without TLS, starts the clock again.
  auto deadline = Clock::now() + std::chrono::seconds(timeout + 1);
  ConnStatusType last_status = PQstatus(connection);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) throw connection_error(connection, settings);
    interrupt::check();
    if (timeout > 0 && Clock::now() > deadline) throw connection_timeout(connection, timeout);
    if (!wait_for_socket(connection, state == PGRES_POLLING_READING ? POLLIN : POLLOUT)) continue;
    state = PQconnectPoll(connection);
    ConnStatusType status = PQstatus(connection);
    if (status == CONNECTION_STARTED && last_status != CONNECTION_STARTED)
      deadline = Clock::now() + std::chrono::seconds(timeout + 1);
    last_status = status;
  }
}

}  // namespace

bool wait_for_socket(const PGconn* connection, short events) {
  pollfd fd{PQsocket(connection), events, 0};
  return fd.fd < 0 || poll(&fd, 1, 100) > 0;
}

PgConnection open_connection(const Target& target) {
  Settings settings = parse_connection_text(target.url);
  int timeout = timeout_of(settings, target);
  bool own_tcp_timeout = settings.contains("tcp_user_timeout");
  settings = with_defaults(std::move(settings), target, timeout);
  PgConnection connection = start(settings);
  finish(connection.get(), settings, timeout);
  auto text_or_nothing = [](const char* text) { return std::string(text ? text : ""); };
  if (std::optional<Error> error = unsuitable({text_or_nothing(PQhost(connection.get())),
                                               text_or_nothing(PQparameterStatus(connection.get(), "server_version")),
                                               PQparameterStatus(connection.get(), "crdb_version") != nullptr,
                                               PQserverVersion(connection.get())}))
    throw Error(*error);
  int unlimited = 0;  // once connected, keepalives decide
  if (!own_tcp_timeout)
    setsockopt(PQsocket(connection.get()), IPPROTO_TCP, TCP_USER_TIMEOUT, &unlimited, sizeof unlimited);
  return connection;
}

}  // namespace sluice::server
