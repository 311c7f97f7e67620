// Code that still runs asks for the old name and fails at once.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  std::string old_name, new_name;
  ddl::Name relation;
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    const auto* rename = std::get_if<sql::Rename>(&judged.statement->command);
    const auto* move = std::get_if<sql::SetSchema>(&judged.statement->command);
    if (rename && rename->object.of_table_member.empty() && rename->kind != sql::ObjectKind::index &&
        !judged.impact.touched.empty() && judged.impact.touched.front().index_of.empty() &&
        !judged.impact.touched.front().fresh && judged.impact.touched.front().lock == impact::Lock::access_exclusive) {
      const ddl::Name from = judged.impact.touched.front().relation;
      bool view = false;
      const ddl::Relation* after = whole.after.find(from);
      view = after && (after->kind == ddl::RelationKind::view || after->is_table());
      if (!view && rename->kind != sql::ObjectKind::sequence)
        report
            .add("code that uses " + shown(from) + " fails until it knows " + rename->to, judged.statement->at, "",
                 from)
            .statement = number;
    }
    if (move && !judged.impact.touched.empty() && !judged.impact.touched.front().fresh) {
      const ddl::Name from = judged.impact.touched.front().relation;
      if (!whole.after.find(from))
        report
            .add("code that uses " + shown(from) + " fails: it moves to the schema " + move->to, judged.statement->at,
                 "", from)
            .statement = number;
    }
  }
}

}  // namespace

const Rule rename_table{
    "SL302",
    "rename-table",
    Level::error,
    "Code that still runs asks for the old name and fails at once.",
    "In the same transaction: CREATE VIEW old_name AS SELECT * FROM new_name; drop the view when no code uses it.",
    nullptr,
    check};

}  // namespace sluice::review
