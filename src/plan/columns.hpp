// What happens to one column.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diff/diff.hpp"
#include "plan/plan.hpp"

namespace sluice::plan {

// The statements that turn the column `before` into `after`; the primary key is not their business.
std::vector<Statement> alter_column(const diff::Altered<model::Column>& change,
                                    const std::optional<std::string>& backfill);

// The statements that add a column to an existing table. `backfill` is what existing rows get, when the column is
// required and has no default of its own.
std::vector<Statement> add_column(const model::Column& column, const std::optional<std::string>& backfill);

// True if rows that exist cannot get a value by themselves: NOT NULL without default, identity or serial.
bool needs_backfill(const model::Column& column);

// A value that any row can take, to bring back a required column whose own values are gone; nothing if the type has
// none that is safe to make up.
std::optional<std::string> neutral_value(const model::Column& column);

// serial, bigserial, smallserial: not types but an integer with a sequence.
bool is_serial(const std::string& type);

}  // namespace sluice::plan
