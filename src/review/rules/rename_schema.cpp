// Code that still runs asks for the old name and fails at once.
#include <set>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  std::set<std::string> fresh;  // made by this migration: no code knows it yet
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    if (const auto* create = std::get_if<sql::CreateSchema>(&judged.statement->command)) fresh.insert(create->name);
    const auto* rename = std::get_if<sql::Rename>(&judged.statement->command);
    if (!rename || rename->kind != sql::ObjectKind::schema || fresh.contains(rename->object.name.name)) continue;
    report.add("code that uses the schema " + rename->object.name.name + " fails until it knows " + rename->to)
        .statement = number;
  }
}

}  // namespace

const Rule rename_schema{"SL303",
                         "rename-schema",
                         Level::error,
                         "Code that still runs asks for the old name and fails at once.",
                         "A new schema, to which tables move one by one.",
                         nullptr,
                         check};

}  // namespace sluice::review
