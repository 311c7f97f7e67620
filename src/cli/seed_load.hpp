// Loads what seed::Generator makes: table by table in one transaction, or independent tables at once over several
// connections.
#pragma once

#include <functional>
#include <string>

#include "cli/terminal.hpp"
#include "seed/seed.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

// A connection on which dates and numbers are printed as the generator reads them.
server::Connection connect_for_data(const std::string& url);

// Tells the generator of the rows that are in a table, which new ones have to avoid and may refer to. In a transaction.
void learn(server::Connection& connection, seed::Generator& generator, size_t table);

struct LoadEvents {
  std::function<void(const seed::Generator::Unit&)> loaded;  // or given up
  std::function<void(size_t rows)> made;                     // so many up to now, of all tables; often
};

// In the transaction that is open. A table that PostgreSQL refuses is left as it was.
void load(server::Connection& connection, seed::Generator& generator, const LoadEvents& events);
// Each unit in a transaction of its own. All tables are empty before; if it cannot go on (Ctrl-C, a lost connection),
// those that it filled are emptied again, over `connection`, which does nothing else. The events come from this thread.
void load_at_once(server::Connection& connection, const std::string& url, size_t connections,
                  const model::Schema& schema, seed::Generator& generator, const LoadEvents& events);

}  // namespace sluice::cli
