// What cannot be read cannot be judged.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  for (const sql::Failure& failure : whole.file.parsed.failures) report.add(failure.message, failure.at);
}

}  // namespace

const Rule not_understood{
    "SL505",
    "not-understood",
    Level::error,
    "What cannot be read cannot be judged.",
    "If it is newer than PostgreSQL 18, judge it by eye and allow it with `-- sluice:allow-file not-understood …`.",
    nullptr,
    check};

}  // namespace sluice::review
