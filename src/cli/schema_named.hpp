// A schema named on the command line: a folder, a snapshot, schema files, a database, a commit.
#pragma once

#include <optional>
#include <string>

#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "diff/diff.hpp"

namespace sluice::cli {

struct NamedSchema {
  std::string text;  // as it was given
  model::Schema schema;
  std::optional<std::string> url;  // a database: its schema is read by read_database()
  bool is_program = false;         // in C++, which says domains and nothing else that drizzle has no word for
  bool printed = false;            // spelled as PostgreSQL spells it: from SQL files
};

// What a name can be; for --help and for the error of one that is nothing.
extern const char* const schema_names;

// `text` is one of
//   folder, folder@0003, DIR, DIR@0003           the migrations folder: after its last migration, or that one
//   git:REV, git:REV@0003, REV:PATH              the folder, or a folder or snapshot at PATH, in a commit
//   FILE.json                                    a snapshot
//   schema, drizzle.config.ts, FILE.ts, GLOB     the schema as it is written
//   cpp:PROGRAM                                  a schema in C++
//   database, postgresql://…                     a database
// Throws Error that lists them if it is none.
NamedSchema schema_named(const std::string& text, const Overrides& overrides, Terminal& terminal);

// The schema of a database: the PostgreSQL schemas, roles and tables that `other` can know of. The ledger is left out.
// `only_domains`: of what drizzle has no word for nothing else, though `other` has some (NamedSchema::is_program).
model::Schema read_database(const std::string& url, const model::Schema& other, const Overrides& overrides,
                            bool only_domains = false);

// The schema as a PostgreSQL server spells it: made in a scratch database and read back. What is compared with a
// database must be, since 'a' and 'a'::text are one default.
model::Schema as_read_back(const model::Schema& schema, const std::vector<std::string>& extensions = {});

// The statements that make the extensions of a database, for as_read_back: a schema has types of them, and no word for
// the extensions.
std::vector<std::string> extensions_of(const std::string& url);

// Makes what a Supabase project has before its first migration, as far as migrations name it: roles, and parts of
// schema auth. On an empty scratch database.
void make_supabase(server::Connection& connection);
// True if the schema refers to that.
bool is_supabase(const model::Schema& schema);

// One line for each change: "+", "-" or "~", and what it is.
struct SummaryLine {
  std::string sign, text;
};
std::vector<SummaryLine> summary(const diff::Changes& changes);

}  // namespace sluice::cli
