#include "studio/databases.hpp"

#include <algorithm>

namespace sluice::studio {

Lease::~Lease() { from_.give_back(id_, std::move(connection_)); }

Databases::Databases(std::vector<Database> databases, bool read_only, int timeout_seconds)
    : databases_(std::move(databases)), read_only_(read_only), timeout_seconds_(timeout_seconds) {}

const Database& Databases::find(const std::string& id) const {
  if (id.empty()) return databases_.front();
  for (const Database& database : databases_)
    if (database.id == id) return database;
  throw Error("the studio has no database '" + id + "'");
}

bool Databases::read_only(const std::string& id) const { return read_only_ || find(id).is_protected; }

void Databases::refuse_read_only(const std::string& id) const {
  if (!read_only(id)) return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint = read_only_ ? "The studio was started with --read-only."
                            : "sluice.toml protects this database; change it by a migration.";
  throw Error(read_only_ ? "the studio is read-only" : "'" + find(id).label + "' is protected", context);
}

std::unique_ptr<server::Connection> Databases::open_own(const std::string& id) const {
  server::Target target;
  target.url = find(id).url;
  target.application_name = "sluice studio";
  target.connect_timeout = std::chrono::seconds(5);
  auto connection = std::make_unique<server::Connection>(target);
  // Values are read and written as text: these decide how it looks.
  std::string settings =
      "SET DateStyle = ISO; SET IntervalStyle = postgres; SET bytea_output = hex; SET standard_conforming_strings = "
      "on; "
      "SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'; SET statement_timeout = '" +
      std::to_string(timeout_seconds_) + "s'";
  if (read_only(id)) settings += "; SET default_transaction_read_only = on";
  connection->execute(settings);
  return connection;
}

Lease Databases::open(const std::string& id) {
  const std::string& name = find(id).id;
  for (;;) {
    std::unique_ptr<server::Connection> connection;
    {
      const std::lock_guard lock(mutex_);
      auto& idle = idle_[name];
      if (idle.empty()) break;
      connection = std::move(idle.back());
      idle.pop_back();
    }
    // The server may have been stopped, or the database made anew, since it was used.
    try {
      connection->execute("");
      return Lease(*this, name, std::move(connection));
    } catch (const Error&) {
      if (!connection->broken()) throw;
    }
  }
  return Lease(*this, name, open_own(name));
}

void Databases::give_back(const std::string& id, std::unique_ptr<server::Connection> connection) {
  if (!connection || connection->broken() || connection->in_transaction()) return;
  const std::lock_guard lock(mutex_);
  auto& idle = idle_[id];
  if (idle.size() < 4) idle.push_back(std::move(connection));
}

}  // namespace sluice::studio
