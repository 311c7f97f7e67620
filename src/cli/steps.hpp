// Steps of commands that `sluice studio` and `sluice dev` take too: what a command does, without its command line.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "apply/status.hpp"
#include "cli/config.hpp"
#include "cli/questions.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

// ---- generate (generate.cpp)
struct GenerateOptions {
  Overrides overrides;
  std::optional<std::string> name;
  bool custom = false, force = false, dry_run = false, ignore_conflicts = false;
  std::optional<bool> online;
  std::optional<int> server;
  std::optional<bool> prove;
  QuestionFlags questions;
  // Told the last snapshot's schema and the one that is wanted, before any question.
  std::function<void(const model::Schema& known, const model::Schema& wanted)> compared;
  // With dry_run: told each migration that would be written, and the schema before it.
  std::function<void(const std::string& tag, const model::Schema& before, const history::Addition&)> drafted;
};
// Writes the migrations that lead from the last snapshot to the schema; gives what `generate --json` answers. Throws
// Error with the flags for what is left open, if there is nobody to ask.
Json generate_from(const Config& config, const GenerateOptions& options, Terminal& terminal);

// ---- migrate (migrate.cpp): applies what is pending, up to `to` if it is given. Throws as `migrate` does.
struct Told {  // what happens, as it happens
  std::function<void(const std::string& tag)> applying;
  std::function<void(const std::string& tag, double milliseconds)> applied;
  std::function<void(const std::string& text)> warning;      // who is waited for
  std::function<void(const std::string& text)> step;         // one of several of a migration is done, and what it cost
  std::function<void(const std::string& text)> backfilling;  // about every second
};
void apply_pending(const Config& config, const std::optional<std::string>& to, const Told& told, Terminal& terminal);

// ---- status (status.cpp): what `status --json` answers.
Json status_json(const apply::Status& status);

// ---- drift (drift.cpp): {"status": "ok" or "drift", "byHand", "undo", "others"}. Starts a scratch server.
Json drift_of(const Config& config, Terminal& terminal);

}  // namespace sluice::cli
