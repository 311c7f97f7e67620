// What Citus makes on the coordinator and on no worker. (Citus 13.2, tried on a cluster.)
#include <algorithm>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/statements.hpp"

namespace sluice::review {

namespace {

bool is_cluster(const ddl::Catalog& catalog) {
  return std::any_of(catalog.relations().begin(), catalog.relations().end(),
                     [](const auto& each) { return each.second.distribution.has_value(); });
}

void check(const Step& step, Report& report) {
  if (!is_cluster(step.before)) return;
  const std::vector<std::string> words = sql::tokens(step.statement().text);
  auto begins = [&](std::initializer_list<std::string_view> with) { return sql::begins_with(words, with); };
  std::string what;
  if (begins({"create", "materialized", "view"}))
    what = "the rows of the materialized view are";
  else if (begins({"create", "operator"}))
    what = "the operator is";
  else if (begins({"create", "cast"}))
    what = "the cast is";
  else if (begins({"create", "event", "trigger"}))
    what = "the event trigger is";
  else if (begins({"create", "foreign", "data", "wrapper"}))
    what = "the foreign data wrapper is";
  else if (begins({"alter", "default", "privileges"}))
    what = "the default privileges are";
  else if (begins({"create", "rule"}) || begins({"create", "or", "replace", "rule"}))
    what = "the rule is";
  if (!what.empty()) report.add(what + " on the coordinator and on no worker");
}

}  // namespace

const Rule coordinator_only{
    "SL704",
    "coordinator-only",
    Level::warning,
    "Citus does not pass it on to the workers: queries that run there, or come in there, are without it.",
    "Make it on the workers too: SELECT run_command_on_workers($$…$$); or do without it.",
    check};

}  // namespace sluice::review
