// The add function of each command. Only run.cpp includes this, so that a new command compiles nothing else again.
#pragma once

#include "cli/command_line.hpp"

namespace sluice::cli {

// Each makes a command known, and sets chosen.run when it is the one on the command line.
void add_baseline(CLI::App& app, Chosen& chosen);
void add_check(CLI::App& app, Chosen& chosen);
void add_ci(CLI::App& app, Chosen& chosen);
void add_completion(CLI::App& app, Chosen& chosen);
void add_contract(CLI::App& app, Chosen& chosen);
void add_db(CLI::App& app, Chosen& chosen);
void add_deploy(CLI::App& app, Chosen& chosen);
void add_dev(CLI::App& app, Chosen& chosen);
void add_diff(CLI::App& app, Chosen& chosen);
void add_docs(CLI::App& app, Chosen& chosen);
void add_drift(CLI::App& app, Chosen& chosen);
void add_drop(CLI::App& app, Chosen& chosen);
void add_expand(CLI::App& app, Chosen& chosen);
void add_export(CLI::App& app, Chosen& chosen);
void add_fleet(CLI::App& app, Chosen& chosen);
void add_generate(CLI::App& app, Chosen& chosen);
void add_kept(CLI::App& app, Chosen& chosen);
void add_log(CLI::App& app, Chosen& chosen);
void add_merge_driver(CLI::App& app, Chosen& chosen);
void add_message(CLI::App& app, Chosen& chosen);
void add_migrate(CLI::App& app, Chosen& chosen);
void add_pull(CLI::App& app, Chosen& chosen);
void add_push(CLI::App& app, Chosen& chosen);
void add_rebase(CLI::App& app, Chosen& chosen);
void add_repair(CLI::App& app, Chosen& chosen);
void add_review(CLI::App& app, Chosen& chosen);
void add_rollback(CLI::App& app, Chosen& chosen);
void add_seed(CLI::App& app, Chosen& chosen);
void add_squash(CLI::App& app, Chosen& chosen);
void add_status(CLI::App& app, Chosen& chosen);
void add_studio(CLI::App& app, Chosen& chosen);
void add_up(CLI::App& app, Chosen& chosen);
void add_upgrade_from_drizzle_kit(CLI::App& app, Chosen& chosen);
void add_verify(CLI::App& app, Chosen& chosen);

}  // namespace sluice::cli
