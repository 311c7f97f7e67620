// What the commands share that look at a live database's schema: which part of it is the project's, and what PostgreSQL
// makes of the schema that is wanted.
#pragma once

#include "cli/command_line.hpp"
#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "diff/diff.hpp"
#include "read/catalog/catalog.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

// drizzle-kit's flags: filters, and --host, --port, … for --url.
void add_live_options(CLI::App* command, Overrides& overrides);

// True for a database of Supabase: it has the role supabase_admin.
bool is_supabase(server::Connection& connection);

// What to read of the database. `wanted`, if given, adds its own schemas (unless schemaFilter names some), its roles
// and the tables that its policies are linked to.
read::CatalogOptions catalog_options(const Config& config, const model::Schema* wanted);

// The part of the schema that the filters let pass, with names that PostgreSQL can tell apart.
model::Schema within_filters(const Config& config, model::Schema wanted);

// Takes out what is not the project's though it stands in the same schemas: relations that schemaFilter and
// tablesFilter exclude, and the tables in which other migration tools keep what they did. What `known` declares stays.
void leave_to_neighbours(const Config& config, model::Schema& live, const model::Schema& known);

// Takes out tables of the shape of drizzle's table of migrations that `known` does not declare: they are those of other
// projects, and dropping one would make its project apply everything again. Gives their names.
std::vector<std::string> leave_ledgers(model::Schema& live, const model::Schema& known);

// The URL of [databases.NAME] with its ${VARIABLE}s; empty if those are not set.
std::string url_of(const Config& config, const NamedDatabase& database);

// Throws Error (Exit::refused) if sluice.toml protects the database that config.url, or the open connection, leads to.
void refuse_protected(const Config& config, const std::string& command, const server::Connection* connection = nullptr);

// A live database compared with a schema.
struct Comparison {
  model::Schema live;       // the catalog
  model::Schema wanted;     // as it is to be compared: row security is said for each table
  model::Schema read_back;  // what PostgreSQL makes of `wanted`
  std::vector<read::NotCovered> not_covered;
  bool beyond = false;  // also what drizzle has no word for

  // The database in the words of `wanted`: compare(before(renames), wanted, renames) is what is to be done.
  model::Schema before(const diff::Renames& renames) const;
};

// Reads the database and, where expressions must be compared, builds what is wanted on a trial database.
Comparison compare_live(server::Connection& connection, const server::Target& target, const Config& config,
                        const model::Schema& wanted, Terminal& terminal);
// What the database's own version of PostgreSQL makes of a schema with all that drizzle has no word for.
model::Schema as_target_prints(server::Connection& connection, const server::Target& target, const Config& config,
                               const model::Schema& schema);
// The same for a schema with SQL files, of which is known already what PostgreSQL makes of it.
Comparison compare_live(server::Connection& connection, const Config& config, const model::Schema& wanted,
                        const model::Schema& read_back);
// The database read again, compared with the same.
Comparison compare_again(server::Connection& connection, const Config& config, const Comparison& before);

// "2 functions, 1 trigger" for what the model cannot hold; empty if nothing.
std::string summary(const std::vector<read::NotCovered>& not_covered);

}  // namespace sluice::cli
