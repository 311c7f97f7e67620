// Its count is lost, and code or defaults that take numbers from it fail.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* drop = step.as<sql::Drop>();
  if (!drop || drop->kind != sql::ObjectKind::sequence) return;
  for (const sql::Target& sequence : drop->objects) {
    const ddl::Relation* known = step.before.find(sequence.name);
    if (known ? known->created_by < 0 : !(drop->if_exists && step.before.complete))
      report.add("the sequence " + shown(step.before.resolve(sequence.name)) + " is dropped", sequence.at);
  }
}

}  // namespace

const Rule drop_sequence{"SL215",
                         "drop-sequence",
                         Level::warning,
                         "Its count is lost, and code or defaults that take numbers from it fail.",
                         "Look who uses it: SELECT * FROM pg_depend WHERE refobjid = 'the_sequence'::regclass; "
                         "functions and programs are not in there.",
                         check};

}  // namespace sluice::review
