// Ours and the user's statements on one session. Where a search_path has pg_catalog and not in front, functions,
// operators and tables of the user's stand before PostgreSQL's own; what we ask must not be answered by them. So ours
// run with pg_catalog in front, and the user's with the search_path that their role, database or file has set.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/connection.hpp"

namespace sluice::server {

// Puts pg_catalog in front for all that follows, if the session's search_path has it further behind; true if it had.
// The user's is remembered in the session. Behind a pooler in transaction mode nothing is set, since it would stay
// with other clients. To be called again after reset_session().
bool protect(Connection& connection);
// The search_path that protect() has put away, for a query of the caller's; NULL in it: none.
inline constexpr const char* users_search_path = "nullif(pg_catalog.current_setting('sluice.search_path', true), '')";

// The user's statements, each with their search_path, which they may SET as they like.
class UserSession {
 public:
  // `path`: what a query of users_search_path gave.
  UserSession(Connection& connection, const std::optional<std::string>& path)
      : connection_(&connection), hostile_(path.has_value()) {}
  explicit UserSession(Connection& connection);

  void execute(std::string_view sql);
  // reset_session(), and protected again.
  void reset();

 private:
  Connection* connection_;
  bool hostile_ = false;
};

}  // namespace sluice::server
