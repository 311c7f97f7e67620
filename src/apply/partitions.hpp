// CREATE and DROP INDEX CONCURRENTLY for partitioned tables, where PostgreSQL refuses them: on the table alone first,
// then concurrently on one partition after the other, each attached. Which partitions there are is known only where the
// migration runs, and differs from database to database.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/connection.hpp"

namespace sluice::apply {

struct PartitionStatement {
  std::string sql;
  bool alone = false;  // outside a transaction, and waiting for its lock blocks nobody
};

// True if `statement` is of this kind, and what it concerns is partitioned.
bool concerns_partitions(server::Connection& connection, std::string_view statement);

// What is to be run next, judged by the catalog alone, so that it goes on where an earlier run was killed. Nothing when
// the index is there on all partitions, or gone. `file`: an index that becomes a key there is not attached yet.
std::optional<PartitionStatement> next_on_partitions(server::Connection& connection, std::string_view statement,
                                                     std::string_view file);

}  // namespace sluice::apply
