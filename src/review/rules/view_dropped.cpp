// Code and people that read the view fail; grants on it are gone, also if it is made again.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* drop = step.as<sql::Drop>();
  if (!drop || (drop->kind != sql::ObjectKind::view && drop->kind != sql::ObjectKind::materialized_view)) return;
  for (const sql::Target& view : drop->objects) {
    const ddl::Relation* known = step.before.find(view.name);
    if (known ? known->created_by < 0 : !drop->if_exists)
      report.add("readers of " + shown(step.before.resolve(view.name)) + " fail, and its grants are gone", view.at);
  }
}

}  // namespace

const Rule view_dropped{"SL307",
                        "view-dropped",
                        Level::note,
                        "Code and people that read the view fail; grants on it are gone, also if it is made again.",
                        "CREATE OR REPLACE VIEW where columns are only added; else grant again in the same migration.",
                        check};

}  // namespace sluice::review
