// Everything in the schema is gone.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* drop = step.as<sql::Drop>();
  if (!drop || drop->kind != sql::ObjectKind::schema) return;
  if (!drop->cascade && step.before.complete && step.impact().touched.empty()) return;  // refused unless it is empty
  for (const sql::Target& schema : drop->objects)
    report.add("the schema " + schema.name.name + " is dropped with what is in it");
}

}  // namespace

const Rule drop_schema{"SL205",
                       "drop-schema",
                       Level::error,
                       "Everything in the schema is gone.",
                       "Drop its tables one by one, each when nothing uses it any more.",
                       check};

}  // namespace sluice::review
