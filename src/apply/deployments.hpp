// The record of deployments: a row of sluice.deployments for each stage that `sluice deploy` worked on, in that stage's
// own database. What was done is skipped when the command is run again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apply/ledger.hpp"

namespace sluice::apply {

struct Deployment {
  std::string id;  // of the whole deployment, over all its stages
  std::string stage;
  std::string folder;  // checksum of the migrations
  std::string git_revision, version;
  std::string outcome;                  // running, done, failed, refused, interrupted
  std::string step;                     // the last one that was begun
  std::vector<std::string> migrations;  // that it applied
  std::string steps = "[]";             // JSON
  std::string started_at, finished_at;  // ISO 8601; only read
};

// The last one of a stage, or nothing.
std::optional<Deployment> last_deployment(server::Connection& connection, const LedgerName& ledger,
                                          const std::string& stage);
// Begins a row, and gives its number; nothing if this role may not write one.
std::optional<std::int64_t> begin_deployment(server::Connection& connection, const LedgerName& ledger,
                                             const Deployment& deployment);
// Writes down how far it is; outcomes other than "running" end it.
void note_deployment(server::Connection& connection, std::int64_t number, const Deployment& deployment);

// False if another deployment is at work on this database. Holds as long as the connection.
bool take_deployment_lock(server::Connection& connection, const LedgerName& ledger);

}  // namespace sluice::apply
