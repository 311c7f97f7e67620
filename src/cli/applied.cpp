#include "cli/applied.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/live.hpp"
#include "server/user_session.hpp"

namespace sluice::cli {

bool KnownDatabase::has(const history::Entry& entry, const std::string& hash) const {
  return std::any_of(ledger.rows.begin(), ledger.rows.end(), [&](const apply::LedgerRow& row) {
    return row.name ? entry.is_called(*row.name) : row.created_at == entry.when && (hash.empty() || row.hash == hash);
  });
}

const apply::Progress* KnownDatabase::under_way(const history::Entry& entry) const {
  for (const apply::Progress& progress : ledger.progress)
    if (entry.is_called(progress.tag)) return &progress;
  return nullptr;
}

std::vector<KnownDatabase> ask_databases(const Overrides& overrides, Terminal& terminal) {
  Config config;
  std::vector<std::string> urls;
  try {
    config = load_config(overrides, {Needs::database});
    urls.push_back(config.url);
  } catch (const Error& error) {
    if (overrides.url) throw;
    config = load_config(overrides, {});  // none is configured, and no local server runs
  }
  if (!overrides.url)
    for (const NamedDatabase& named : config.settings.databases) {
      const std::string url = url_of(config, named);
      if (!url.empty() && std::none_of(urls.begin(), urls.end(),
                                       [&](const std::string& asked) { return server::same_database(asked, url); }))
        urls.push_back(url);
    }
  std::vector<KnownDatabase> out;
  for (const std::string& url : urls) {
    try {
      server::Target target;
      target.url = url;
      target.application_name = "sluice";
      target.connect_timeout = std::chrono::seconds(3);
      server::Connection connection(target);
      server::protect(connection);
      out.push_back({connection.describe(), connection.is_local(), apply::read_ledger(connection, config.ledger)});
    } catch (const Error& error) {
      if (overrides.url || error.context.exit == Exit::interrupted) throw;
      terminal.warning("whether it is applied was not asked: " + std::string(error.what()));
    }
  }
  return out;
}

}  // namespace sluice::cli
