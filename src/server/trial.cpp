#include "server/trial.hpp"

#include <unistd.h>

#include <ctime>

namespace sluice::server {

namespace {

const std::string prefix = "sluice_trial_";

// Databases of programs that were killed: nobody is in them, and they are older than any work takes.
void sweep(Connection& connection) {
  Rows rows = connection.execute(
      "SELECT datname FROM pg_database d WHERE datname ~ '^sluice_trial_[0-9]+_[0-9]+$' "
      "AND split_part(datname, '_', 3)::bigint < extract(epoch FROM now()) - 600 "
      "AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)");
  for (size_t i = 0; i < rows.size(); i++) connection.execute("DROP DATABASE IF EXISTS " + rows.text(i, 0));
}

}  // namespace

bool TrialDatabase::make_on_target(Connection& connection, const Target& target, size_t locks) {
  if (!connection.is_local() || connection.behind_transaction_pooler()) return false;
  Rows rows = connection.execute(
      "SELECT (rolcreatedb OR rolsuper) AND NOT pg_is_in_recovery() FROM pg_roles WHERE rolname = current_user");
  if (rows.empty() || rows.text(0, 0) != "t") return false;
  // The table of locks is one for the whole server: whoever fills it makes others' statements fail.
  rows = connection.execute(
      "SELECT current_setting('max_locks_per_transaction')::bigint * (current_setting('max_connections')::bigint + "
      "current_setting('max_prepared_transactions')::bigint)");
  if (std::stoull(rows.text(0, 0)) / 2 < locks) return false;
  try {
    sweep(connection);
    std::string name = prefix + std::to_string(std::time(nullptr)) + "_" + std::to_string(getpid());
    connection.execute("CREATE DATABASE " + name + " TEMPLATE template0");
    target_ = &connection;
    name_ = name;
    Target trial = target;
    trial.database = name;
    trial_ = std::make_unique<Connection>(trial);
    return true;
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted || connection.broken()) throw;
    return false;  // no rights after all, or a proxy that knows one database only
  }
}

TrialDatabase::TrialDatabase(Connection& connection, const Target& target, const std::filesystem::path& project,
                             size_t locks) {
  if (make_on_target(connection, target, locks)) return;
  int major = connection.version() / 10000;
  try {
    scratch_ = std::make_unique<Scratch>(project, major);
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted) throw;
    scratch_ = std::make_unique<Scratch>(project);
  }
  trial_ = std::make_unique<Connection>(Target{scratch_->create_database()});
  same_version_ = trial_->version() / 10000 == major;
}

TrialDatabase::~TrialDatabase() {
  trial_.reset();
  if (name_.empty()) return;
  const bool before = target_->ignore_interrupts();
  try {
    target_->execute("DROP DATABASE IF EXISTS " + name_);
  } catch (const std::exception&) {  // the next one sweeps it away
  }
  target_->ignore_interrupts(before);  // the caller's own work goes on
}

}  // namespace sluice::server
