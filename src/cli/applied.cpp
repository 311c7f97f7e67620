#include "cli/applied.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace sluice::cli {

bool KnownDatabase::has(const history::Entry& entry, const std::string& hash) const {
  return std::any_of(ledger.rows.begin(), ledger.rows.end(), [&](const apply::LedgerRow& row) {
    return row.name ? entry.is_called(*row.name) : row.created_at == entry.when && (hash.empty() || row.hash == hash);
  });
}

std::optional<KnownDatabase> ask_database(const Overrides& overrides, Terminal& terminal) {
  Config config;
  try {
    config = load_config(overrides, {Needs::database});
  } catch (const Error& error) {
    if (overrides.url) throw;
    return std::nullopt;  // none is configured, and no local server runs
  }
  try {
    server::Target target;
    target.url = config.url;
    target.application_name = "sluice";
    target.connect_timeout = std::chrono::seconds(3);
    server::Connection connection(target);
    return KnownDatabase{connection.describe(), connection.is_local(), apply::read_ledger(connection, config.ledger)};
  } catch (const Error& error) {
    if (overrides.url || error.context.exit == Exit::interrupted) throw;
    terminal.warning("whether it is applied was not asked: " + std::string(error.what()));
    return std::nullopt;
  }
}

}  // namespace sluice::cli
