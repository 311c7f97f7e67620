// sluice.toml beside drizzle.config.ts: what drizzle's configuration has no word for. Every key has a default, and so
// has the file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apply/backfill.hpp"

namespace sluice::cli {

// [databases.NAME]: a database that has a name.
struct NamedDatabase {
  std::string name;
  std::string url;            // may say ${VARIABLE}
  bool is_protected = false;  // of its own accord those with production or prod in their names
};

// [review]
struct ReviewSettings {
  std::vector<std::pair<std::string, std::string>> allow;  // rule, reason
  std::optional<std::string> fail_on;                      // a level, or "never"
  std::optional<int> server;                               // PostgreSQL's major version
  std::optional<bool> supabase;
};

// [seed]: the project's own seed.
struct SeedSettings {
  std::string command;               // "tsx src/seed.ts"
  std::vector<std::string> files;    // SQL files or globs, run before the command
  std::vector<std::string> depends;  // files that the command reads, beside those that it names
};

// [[stage]]: a database that `sluice deploy` brings the migrations to, and what happens around it. Commands run in a
// shell with DATABASE_URL and SLUICE_STAGE set.
struct Stage {
  std::string name, url;                   // url may say $VARIABLE or ${VARIABLE}
  std::string fleet;                       // instead of url: a [[fleet]], whose targets all get the migrations
  std::vector<std::string> needs;          // stages that have to be done before
  std::vector<std::string> before, after;  // around the migrations
  std::vector<std::string> release;        // brings the application; what breaks its old code comes after it
  std::vector<std::string> backup;         // before the migrations, besides a restore point
  bool approval = false;                   // somebody has to say yes
  bool rollback = false;                   // what this deployment applied is taken back if the stage fails
  bool ignore_drift = false;               // go on though somebody changed the database by hand
  std::string review;                      // findings of this level stop it, or "never"; empty: [review] fail_on
  std::optional<bool> online;              // what makes others wait stops it, or does not, whatever `review` says
  std::optional<double> lock_timeout;      // seconds
  std::optional<int> wait;                 // seconds
  std::optional<double> max_stall;         // milliseconds that others may wait for a statement
};

// [[fleet]]: many databases, or many schemas of one database, that `sluice fleet` brings the same migrations to. The
// targets come from exactly one of file, query, databases and schemas.
struct Fleet {
  std::string name;
  std::string url;                            // the server, or the database of the schemas; may say $VARIABLE
  std::string file, query;                    // a line for each target; SQL whose rows are the targets
  std::string databases, schemas;             // LIKE
  std::vector<std::string> shared;            // schemas that stand behind a tenant's own in its search_path
  std::vector<std::string> waves{"1", "5%"};  // targets of each wave, or a part of all; the rest is one more
  std::string halt = "1";                     // so many failures stop it, or a part of all
  int parallel = 10;                          // targets of one server at once
  bool is_protected = false;                  // as of a database
  std::optional<double> lock_timeout;         // seconds, of one attempt
  int wait = 60;                              // seconds, of all attempts of a step together
};

// [generate] online…: which tables are changed in small steps that keep nobody waiting.
struct OnlineSettings {
  bool all = false;                 // online = true
  std::vector<std::string> tables;  // online = ["sessions"]: only these
  double from_rows = 0;             // online_from_rows: besides them, those with so many rows; 0: does not count
  std::string database;             // online_database: where they are counted; a name of [databases]

  bool any() const { return all || !tables.empty() || from_rows > 0; }
};

// [backup]: what is made before a migration that is marked major, or with --backup.
struct BackupSettings {
  std::string dump;        // a directory for pg_dump of the tables that the migration touches
  std::string pgbackrest;  // the stanza of pgBackRest on this machine
};

// [migrate]
enum class OutOfOrder { refuse, apply, rebase };

struct Settings {
  bool deferrable_cycles = false;  // [generate]
  bool prove = false;              // [generate]: prove each migration on a scratch server
  OnlineSettings online;           // [generate]
  apply::BackfillOptions backfill;
  std::vector<NamedDatabase> databases;
  ReviewSettings review;
  SeedSettings seed;
  std::vector<Stage> stages;  // in the order of the file
  std::vector<Fleet> fleets;  // likewise
  BackupSettings backup;
  OutOfOrder out_of_order = OutOfOrder::refuse;
  std::vector<std::string> ignore;  // [drift]: globs of objects that do not count
  std::string stand_ins;            // [verify]: a SQL file run on scratch servers before the migrations
};

// Throws Error with the line of what cannot be read, is not known, or is of another type. `file` is for messages.
Settings parse_settings(std::string_view content, const std::filesystem::path& file);
// The settings of `directory`: the defaults if there is no sluice.toml in it.
Settings read_settings(const std::filesystem::path& directory);

}  // namespace sluice::cli
