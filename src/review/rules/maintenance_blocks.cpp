// CLUSTER and VACUUM FULL write the table anew while readers and writers wait.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* vacuum = step.as<sql::Vacuum>();
  const auto* cluster = step.as<sql::Cluster>();
  if (vacuum && vacuum->full) {
    for (const sql::Target& table : vacuum->tables)
      report.add("VACUUM FULL keeps every reader and writer of " + shown(step.before.resolve(table.name)) + " waiting");
    if (vacuum->tables.empty()) report.add("VACUUM FULL of the whole database keeps every reader and writer waiting");
  }
  if (cluster)
    report.add(
        "CLUSTER keeps every reader and writer" +
        (cluster->table.name.name.empty() ? std::string() : " of " + shown(step.before.resolve(cluster->table.name))) +
        " waiting");
}

}  // namespace

const Rule maintenance_blocks{"SL116",
                              "maintenance-blocks",
                              Level::error,
                              "CLUSTER and VACUUM FULL write the table anew while readers and writers wait.",
                              "Leave them out of migrations; pg_repack does the same without the lock.",
                              check};

}  // namespace sluice::review
