// A password in a migration is in the repository, in the server's log and in the history of runs.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* role = step.as<sql::Role>();
  if (role && role->password) report.add("the password of " + role->name + " is written down");
}

}  // namespace

const Rule password_in_migration{
    "SL609",
    "password-in-migration",
    Level::error,
    "A password in a migration is in the repository, in the server's log and in the history of runs.",
    "CREATE ROLE without a password; set it by hand or from a secret store.",
    check};

}  // namespace sluice::review
