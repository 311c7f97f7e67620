// The table is written anew, with all its indexes, while readers and writers wait.
#include "impact/type_change.hpp"
#include "impact/volatility.hpp"
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  for (const impact::Touched* table :
       busy(step, [](const impact::Touched& t) { return t.rewrite && !t.emptied && t.index_of.empty(); })) {
    if (step.as<sql::RefreshView>() || step.as<sql::Cluster>() || step.as<sql::Vacuum>()) continue;
    std::string why;
    int at = -1;
    each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name&) {
      if (!why.empty()) return;
      if (action.kind == sql::Alter::type)
        why = action.name + " becomes " + sql::display(action.column.type), at = action.at;
      if (action.kind == sql::Alter::set_expression) why = action.name + " is computed anew", at = action.at;
      if (action.kind == sql::Alter::add_column) {
        const auto* fallback = action.column.find(sql::ConstraintKind::default_value);
        const auto* generated = action.column.find(sql::ConstraintKind::generated);
        const impact::Volatility volatility =
            fallback ? impact::volatility(step.before, fallback->expression) : impact::Volatility{};
        if (volatility.is_volatile)
          why = volatility.function + "() " + (volatility.known ? "gives" : "may give") + " another value for each row";
        else if (generated && generated->stored)
          why = action.column.name + " is computed for each row";
        else if (action.column.find(sql::ConstraintKind::identity) || action.column.type.name.ends_with("serial"))
          why = action.column.name + " is numbered for each row";
        else if (impact::is_constrained_domain(step.before, action.column.type))
          why = "the domain " + sql::display(action.column.type) + " has a constraint";
        at = action.at;
      }
    });
    // Who refers to a key whose type changes is read again, under the same lock.
    std::vector<std::string> others;
    for (const impact::Touched* other : busy(step, [](const impact::Touched& t) {
           return t.index_of.empty() && t.scan && !t.rewrite && impact::blocks_reads(t.lock);
         }))
      others.push_back(shown(other->relation));
    report.add("reads and writes of " + shown(table->relation) + " wait while it is rewritten" +
                   (why.empty() ? "" : ": " + why) +
                   (others.empty() ? "" : "; those of " + list_of(others) + " while it is read"),
               at, "", table->relation);
  }
}

}  // namespace

const Rule table_rewrite{"SL110",
                         "table-rewrite",
                         Level::error,
                         "The table is written anew, with all its indexes, while readers and writers wait.",
                         "A new column, filled in batches, that takes the place of the old one; a value for each row "
                         "(random, nextval) by ADD COLUMN without a default, SET DEFAULT and a backfill in batches.",
                         check};

}  // namespace sluice::review
