#include "review/rule.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace sluice::review {

Finding& Report::add(const std::string& message, int at, const std::string& safe, const ddl::Name& relation) {
  Finding& finding = file_.findings.emplace_back();
  finding.rule = &rule_;
  finding.level = rule_.level;
  finding.message = message;
  finding.safe = safe.empty() ? rule_.safe : safe;
  finding.statement = statement_;
  finding.relation = relation;
  finding.at = at;
  if (at < 0) finding.at = statement_ >= 0 ? file_.statements[static_cast<size_t>(statement_)].statement->at : 0;
  return finding;
}

bool Step::is_busy(const ddl::Name& relation) const {
  const ddl::Relation* known = before.find(relation);
  return !known || known->created_by < 0 || known->filled;
}

std::string shown(const ddl::Name& name) { return sql::display(name); }

std::string list_of(const std::vector<std::string>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); i++) out += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return out;
}

std::vector<const impact::Touched*> busy(const Step& step, const std::function<bool(const impact::Touched&)>& what) {
  std::vector<const impact::Touched*> out;
  for (const impact::Touched& item : step.impact().touched)
    if (!item.fresh && !item.created && what(item)) out.push_back(&item);
  return out;
}

void each_action(const Step& step,
                 const std::function<void(const sql::AlterTable&, const sql::AlterAction&, const ddl::Name&)>& visit) {
  const auto* alter = step.as<sql::AlterTable>();
  if (!alter || alter->kind == sql::ObjectKind::index) return;
  const ddl::Name name = step.before.resolve(alter->table.name);
  for (const sql::AlterAction& action : alter->actions) visit(*alter, action, name);
}

void each_column(
    const Step& step,
    const std::function<void(const ddl::Name& table, const sql::ColumnDefinition&, bool new_table)>& visit) {
  if (const auto* create = step.as<sql::CreateTable>())
    for (const sql::ColumnDefinition& column : create->columns)
      visit(step.before.resolve(create->table.name), column, true);
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind == sql::Alter::add_column) visit(table, action.column, !step.is_busy(table));
  });
}

void each_constraint(const Step& step,
                     const std::function<void(const ddl::Name& table, const sql::Constraint&, bool new_table)>& visit) {
  each_column(step, [&](const ddl::Name& table, const sql::ColumnDefinition& column, bool new_table) {
    for (const sql::Constraint& constraint : column.constraints) visit(table, constraint, new_table);
  });
  if (const auto* create = step.as<sql::CreateTable>())
    for (const sql::Constraint& constraint : create->constraints)
      visit(step.before.resolve(create->table.name), constraint, true);
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind == sql::Alter::add_constraint) visit(table, action.constraint, !step.is_busy(table));
  });
}

std::string_view display(Level level) {
  return level == Level::error ? "error" : level == Level::warning ? "warning" : "note";
}

Level parse_level(std::string_view word) {
  for (Level level : {Level::note, Level::warning, Level::error})
    if (display(level) == word) return level;
  throw Error("'" + std::string(word) + "' is not a level", {.hint = "The levels are error, warning and note."});
}

const Rule* find_rule(std::string_view name_or_code) {
  for (const Rule* rule : rules())
    if (name_or_code == rule->name || name_or_code == rule->code) return rule;
  return nullptr;
}

}  // namespace sluice::review
