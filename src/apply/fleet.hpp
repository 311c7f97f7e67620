// One folder, many databases or schemas: each is migrated by the ordinary runner (migrate.hpp), over a connection and
// in a thread of its own; all of them are looked at first, then it goes wave by wave, so many of each server at once,
// until too many have failed.
//
// What is done stands in each target's own ledger and nowhere else: running it again goes on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/migrate.hpp"
#include "apply/rollback.hpp"

namespace sluice::apply {

struct FleetTarget {
  std::string name;    // for people; each has another one
  std::string url;     // of its database
  std::string schema;  // of a tenant that is a schema, which holds its ledger too; empty: the database is the tenant
  std::string server;  // "host:port": what counts for `parallel`
};

struct FleetOptions {
  MigrateOptions migrate;           // for each target; ledger, run id and connection are its own
  std::vector<std::string> shared;  // schemas behind the tenant's own in search_path
  std::vector<size_t> waves;        // how many targets each has, all of them together
  size_t last_wave = 0;             // the last one to run, from 1; 0: all
  size_t parallel = 10;             // of each server
  size_t halt = 1;                  // so many failures stop it; in the first wave each does
  // The way back instead: after this migration ("none": all the way), or the last so many of each target.
  std::optional<std::string> back_to;
  std::vector<size_t> back;
  bool only_look = false;  // nothing is changed
  // Called for each target with something to do before the first one is changed, for several at once; on the way back
  // as RollbackOptions::look. And before each migration that begins. What they throw is this target's failure.
  std::function<void(size_t target, server::Connection&, const std::vector<history::Migration>& pending)> look;
  std::function<void(size_t target, server::Connection&, const history::Migration&, const Ledger&,
                     const std::string& run_id)>
      before;
  // What happens, one call at a time, from any thread.
  std::function<void(size_t wave)> wave;  // from 1
  std::function<void(size_t target)> begun;
  std::function<void(size_t target, const std::string& text)> warning;
  std::function<void(size_t target, const Applied&)> applied;
  std::function<void(size_t target)> ended;
};

enum class FleetOutcome { waiting, running, applied, up_to_date, failed, interrupted };
std::string_view name_of(FleetOutcome outcome);

struct FleetResult {
  size_t wave = 1;
  FleetOutcome outcome = FleetOutcome::waiting;
  std::vector<Applied> applied;  // by this run; on the way back: taken back
  size_t planned = 0;            // when it was looked at: migrations to apply, or to take back
  std::vector<std::string> warnings;
  double milliseconds = 0;
  std::optional<Error> error;
};

// One result for each target, written while it runs: `results` may be read in the callbacks. Throws nothing for a
// target that fails.
void migrate_fleet(const std::vector<FleetTarget>& targets, const history::Folder& folder, const FleetOptions& options,
                   std::vector<FleetResult>& results);

// The names of a tenant that is a schema: "tenant", and the shared ones; empty for a database.
std::vector<std::string> schemas_of(const FleetTarget& target, const std::vector<std::string>& shared);
// A connection to it, with its search_path. Throws Error if there is no such schema.
server::Connection connect(const FleetTarget& target, const std::vector<std::string>& shared,
                           const std::string& application_name);
// The target's own ledger: a tenant that is a schema has it inside.
LedgerName ledger_of(const FleetTarget& target, const LedgerName& name);
// The folder is written for schema public; for a tenant that is a schema, its names become the tenant's.
void adapt(history::Migration& migration, const FleetTarget& target);

// Calls work(i) for all targets, so many of each server at once, from as many threads, until it gives false. `work`
// throws nothing.
void for_each_target(const std::vector<FleetTarget>& targets, size_t parallel, const std::function<bool(size_t)>& work);

// What one target's ledger says.
struct FleetState {
  std::optional<Status> status;
  std::string last;                 // the last migration of the folder that is applied; empty: none is
  std::string failed, failed_text;  // when its last run failed or died: the moment, and the error
  std::optional<Error> error;       // it could not be read
};

// Asks all of them. `done` is called after each, one call at a time.
std::vector<FleetState> look_at_fleet(const std::vector<FleetTarget>& targets, const history::Folder& folder,
                                      const LedgerName& ledger, size_t parallel, const std::function<void()>& done);

}  // namespace sluice::apply
