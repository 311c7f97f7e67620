// Code and triggers that call the function fail; PostgreSQL does not know what the bodies of others call.
#include <vector>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  std::vector<std::pair<int, const sql::Target*>> dropped;
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    if (const auto* drop = std::get_if<sql::Drop>(&judged.statement->command);
        drop && drop->kind == sql::ObjectKind::function)
      for (const sql::Target& function : drop->objects)
        if (!drop->if_exists || whole.known_before(function.name)) dropped.emplace_back(number, &function);
    if (const auto* create = std::get_if<sql::CreateFunction>(&judged.statement->command))
      std::erase_if(dropped, [&](const auto& each) { return each.second->name.name == create->function.name.name; });
  }
  for (const auto& [statement, function] : dropped)
    report.add("callers of " + shown(function->name) + " fail", function->at).statement = statement;
}

}  // namespace

const Rule function_dropped{
    "SL310",
    "function-dropped",
    Level::warning,
    "Code and triggers that call the function fail; PostgreSQL does not know what the bodies of others call.",
    "CREATE OR REPLACE FUNCTION where the arguments stay; else drop it when nothing calls it any more.",
    nullptr,
    check};

}  // namespace sluice::review
