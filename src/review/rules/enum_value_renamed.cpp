// Code that still runs writes and expects the old value.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* alter = step.as<sql::AlterEnum>();
  if (!alter || alter->renamed_from.empty()) return;
  const ddl::Type* type = step.before.type(alter->type.name);
  if (!type || type->created_by < 0)
    report.add("code that uses '" + alter->renamed_from + "' fails until it knows '" + alter->value + "'");
}

}  // namespace

const Rule enum_value_renamed{"SL306",
                              "enum-value-renamed",
                              Level::warning,
                              "Code that still runs writes and expects the old value.",
                              "Add the new value, move the rows, deploy code that uses it; the old value stays unused.",
                              check};

}  // namespace sluice::review
