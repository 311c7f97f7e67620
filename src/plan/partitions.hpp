// Tables that become partitions, and partitions that become tables: with their rows. And how a partition comes, is said
// to have other rows, or goes while others read and write.
#pragma once

#include <optional>
#include <string>

#include "plan/plan.hpp"
#include "plan/recipes.hpp"

namespace sluice::plan {

// The whole plan, if tables become partitions or the other way round; nothing if none do.
std::optional<Plan> with_moved_partitions(const model::Schema& before, const model::Schema& old,
                                          const model::Schema& after, const diff::Changes& changes,
                                          const Options& options);

// The table whose columns a partition has; nullptr if it is not in the schema.
const model::Table* root_of(const model::Schema& schema, const model::Partition& partition);

// True if rows are read under a lock when it is attached: no check can be written that says its bound.
bool is_read_to_attach(const model::Schema& schema, const model::Partition& partition, bool has_rows);

// Each in a few steps. `schema`: as it is before.
void create_partition(Recipes& recipes, const model::Schema& schema, const model::Partition& partition);
void change_bound(Recipes& recipes, const model::Schema& schema, const model::Partition& before,
                  const model::Partition& after);
void drop_partition(Recipes& recipes, const model::Schema& schema, const model::Partition& partition);

// What all rows of the bound fulfil, as SQL; nothing where it is not known: hash partitions, several columns,
// expressions.
std::optional<std::string> bound_condition(const std::string& partition_by, const std::string& bound);

}  // namespace sluice::plan
