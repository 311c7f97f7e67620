// What else in a database has to do with the columns of an expansion.
#pragma once

#include <vector>

#include "cli/config.hpp"
#include "cli/expansions.hpp"
#include "cli/terminal.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

// Triggers that fire on UPDATE OF one of the columns: they do not when the other is written, and ours sets this one.
// The schema knows them only if it is SQL; else the database, if it can be asked. It is asked for indexes and
// constraints on the old columns, too, which the schema does not know.
void warn_before_expand(const Overrides& overrides, const std::vector<const model::Schema*>& schemas,
                        const std::vector<plan::Expansion>& expansions, Terminal& terminal);

// What PostgreSQL knows of users of the old columns. Throws Error if there are any.
void refuse_while_used(server::Connection& connection, const Config& config, const OpenExpansion& open, int idle);

// Indexes, constraints and statistics that the schema does not know and that go with the old columns.
void warn_of_what_goes(server::Connection& connection, const model::Schema& known, const plan::Expansion& expansion,
                       Terminal& terminal);

}  // namespace sluice::cli
