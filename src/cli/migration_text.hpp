// The text of a migration's files, and the schema that the configuration names: what the commands that write or compare
// migrations share.
#pragma once

#include <string>
#include <vector>

#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "model/rows.hpp"
#include "plan/name.hpp"
#include "plan/plan.hpp"

namespace sluice::cli {

// Today as the files say it: 2026-01-03.
std::string today();

// Comment lines, an empty line, the statements with drizzle's separator (or newlines only). Ends with a newline.
std::string sql_file(const std::string& first_comment, const std::vector<plan::Statement>& statements,
                     const std::vector<std::string>& notes, bool breakpoints);

// The schema of read_written().
model::Schema read_schema(const Config& config, bool force, plan::PropertyNames* properties, Terminal& terminal);
// `rows`, which say what `known` does, except that what the schema files say too is written as drizzle-kit 1.0 reads it
// there: so its next generate finds no difference of spelling.
model::Rows spelled_as_written(const model::Rows& rows, const model::Schema& known, const Config& config,
                               Terminal& terminal);
// The folder in which a migration is to be written, without the last ones whose files were deleted; says so.
history::Folder folder_to_write(const Config& config, Terminal& terminal, bool ignore_conflicts = false);
// Snapshots of several branches that contradict each other are no ground to build on. Throws Error.
void refuse_branches(const history::Folder& folder, bool ignore_conflicts = false);

// {"sql", "transactional"} for each.
Json to_json(const std::vector<plan::Statement>& statements);

}  // namespace sluice::cli
