// Types, functions and indexes of the extension go with it, and whatever uses them with CASCADE; not all of that is
// visible here.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* drop = step.as<sql::Drop>();
  if (!drop || drop->kind != sql::ObjectKind::extension) return;
  for (const sql::Target& extension : drop->objects) report.add("the extension " + extension.name.name + " is dropped");
}

}  // namespace

const Rule drop_extension{"SL214",
                          "drop-extension",
                          Level::warning,
                          "Types, functions and indexes of the extension go with it, and whatever uses them with "
                          "CASCADE; not all of that is visible here.",
                          "Drop what uses it by name first, in a migration of its own.",
                          check};

}  // namespace sluice::review
