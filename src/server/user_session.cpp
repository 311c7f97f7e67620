#include "server/user_session.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace sluice::server {

namespace {

// `a, "b", pg_catalog` has it behind others; a path without it has it in front.
bool is_hostile(const std::string& path) {
  bool first = true;
  for (std::string_view name : text::split(path, ",")) {
    name = text::trim(name);
    if (name == "pg_catalog" || name == "\"pg_catalog\"") return !first;
    first = false;
  }
  return false;
}

std::string path_now(Connection& connection) {
  return connection.execute("SELECT pg_catalog.current_setting('search_path')").text(0, 0);
}

void put_away(Connection& connection, const std::string& path) {
  connection.query(
      "SELECT pg_catalog.set_config('search_path', $1, false), pg_catalog.set_config('sluice.search_path', $2, false)",
      {"pg_catalog, " + path, path});
}

}  // namespace

bool protect(Connection& connection) {
  if (connection.behind_transaction_pooler()) return false;
  const std::string path = path_now(connection);
  if (!is_hostile(path)) return false;
  put_away(connection, path);
  return true;
}

UserSession::UserSession(Connection& connection)
    : UserSession(connection, connection.execute(std::string("SELECT ") + users_search_path).rows[0][0]) {}

void UserSession::execute(std::string_view sql) {
  const bool may_set = text::to_lower(sql).find("search_path") != std::string::npos;
  if (!hostile_ && !may_set) {
    connection_->execute(sql);
    return;
  }
  if (hostile_)
    connection_->execute(std::string("SELECT pg_catalog.set_config('search_path', ") + users_search_path +
                         ", false) WHERE " + users_search_path + " IS NOT NULL");
  try {
    connection_->execute(sql);
  } catch (const Error&) {
    // A transaction that failed takes it back by itself.
    if (hostile_ && !connection_->broken() && !connection_->in_transaction()) protect(*connection_);
    throw;
  }
  if (connection_->behind_transaction_pooler()) return;
  const std::string path = path_now(*connection_);
  if (is_hostile(path))
    put_away(*connection_, path), hostile_ = true;
  else if (hostile_)
    connection_->execute("SELECT pg_catalog.set_config('sluice.search_path', '', false)");
}

void UserSession::reset() {
  connection_->reset_session();
  if (hostile_) hostile_ = protect(*connection_);
}

}  // namespace sluice::server
