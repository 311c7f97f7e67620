// Code that still runs asks for the old name and fails at once.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* rename = step.as<sql::Rename>();
  if (rename && rename->kind == sql::ObjectKind::schema)
    report.add("code that uses the schema " + rename->object.name.name + " fails until it knows " + rename->to);
}

}  // namespace

const Rule rename_schema{"SL303",
                         "rename-schema",
                         Level::error,
                         "Code that still runs asks for the old name and fails at once.",
                         "A new schema, to which tables move one by one.",
                         check};

}  // namespace sluice::review
