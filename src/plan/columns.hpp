// What happens to one column.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diff/diff.hpp"
#include "plan/plan.hpp"

namespace sluice::plan {

// Whether PostgreSQL has the column as NOT NULL: because the schema says so, or because a primary key does.
struct NotNull {
  bool was, is;
};

// The statements that turn the column `before` into `after`; the primary key and DROP
// EXPRESSION are not their business. Not for columns
// that are made again (is_replaced).
std::vector<Statement> alter_column(const diff::Altered<model::Column>& change, NotNull not_null,
                                    const std::optional<std::string>& backfill);

// True if the column is dropped and added: a generated column's expression cannot be changed before PostgreSQL 17, and
// its values are computed again either way.
bool is_replaced(const diff::Altered<model::Column>& change);
// True if the statements of alter_column() say SET DATA TYPE.
bool changes_type(const diff::Altered<model::Column>& change);
// Marks a change to a type under which PostgreSQL converts the values by itself, though the names of the types do not
// say so: a domain made again. An explicit cast would cut a text that is too long; without one that is an error.
inline constexpr const char* assigned = "assigned";

// The statements that add a column to an existing table. `backfill` is what existing rows get, when the column is
// required and has no default of its own.
std::vector<Statement> add_column(const model::Column& column, const std::optional<std::string>& backfill);
// Adds an integer column whose values differ from row to row.
std::vector<Statement> add_numbered_column(const model::Column& column);

// True if rows that exist cannot get a value by themselves: NOT NULL without default, identity or serial.
bool needs_backfill(const model::Column& column, bool not_null);

// A value that any row can take, to bring back a required column whose own values are gone; nothing if the type has
// none that is safe to make up. With `distinct`, one that differs from row to row.
std::optional<std::string> neutral_value(const model::Column& column, bool distinct);

}  // namespace sluice::plan
