// The schema as it is written: TypeScript files, SQL files, or both together.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "diff/diff.hpp"
#include "model/rows.hpp"
#include "plan/name.hpp"
#include "plan/plan.hpp"
#include "read/catalog/catalog.hpp"

namespace sluice::cli {

struct Written {
  model::Schema schema;  // in the words of its files; what drizzle has no word for comes from the SQL files
  // With SQL files: what PostgreSQL makes of all of it, and what the model cannot hold of that.
  std::optional<model::Schema> read_back;
  std::vector<read::NotCovered> not_covered;
  bool only_sql = false;
  std::optional<model::Rows> rows;  // the same as drizzle-kit 1.0 keeps it, for a folder of its format
  int major = 0;                    // of the PostgreSQL that has read the SQL files
};

// True if some of the configuration's schema files are SQL.
bool has_sql(const Config& config);

// True if migrations are, or the first one will be, in drizzle-kit 1.0's format: by the folder, and where that is empty
// by the project's drizzle-orm.
bool wants_dated(const Config& config);

// Reads the schema files of the configuration; prints their warnings, and what of the SQL files the model cannot hold.
// `properties`, if given, gets what the program calls its columns. `force`: without the cache. `major`: SQL files are
// read by PostgreSQL of that version, where it is installed.
Written read_written(const Config& config, bool force, plan::PropertyNames* properties, Terminal& terminal,
                     std::optional<int> major = std::nullopt);

// The TypeScript files as drizzle-kit 1.0 keeps them, whatever the folder. `places`, if given, gets where what stands.
model::Rows read_rows(const Config& config, bool force, plan::PropertyNames* properties, Terminal& terminal,
                      std::map<std::string, Location>* places = nullptr);

// What the migrations have made so far, in the words in which `written` is: a schema from SQL files is what PostgreSQL
// prints, and it may have been another version's words. Where the last snapshot is from before the SQL files, what
// drizzle has no word for is looked up by running the migrations on a scratch server; `adopted` then says so.
model::Schema known_in_words_of(const Written& written, model::Schema known, const history::Folder& folder,
                                const Config& config, Terminal& terminal, bool& adopted);

// What of a live database is not the schema's business, though it is of a kind that SQL files can say: extensions,
// publications and event triggers that they do not name, what roles may do that they do not name.
void leave_to_others(read::Catalog& catalog, const model::Schema& wanted);

// Throws Error for changes that no statement can make in place.
void refuse_impossible(const diff::Changes& changes);

// The statements of a whole schema as a file that psql can run too.
std::vector<plan::Statement> for_a_file(std::vector<plan::Statement> statements);

}  // namespace sluice::cli
