// A migration does not drop databases.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* database = step.as<sql::Database>();
  if (database && database->drop) report.add("the database " + database->name + " is dropped");
}

}  // namespace

const Rule drop_database{
    "SL206", "drop-database", Level::error, "A migration does not drop databases.", "Take the statement out.", check};

}  // namespace sluice::review
