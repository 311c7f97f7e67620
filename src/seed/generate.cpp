#include <algorithm>
#include <cstdlib>

#include "seed/plan.hpp"
#include "sql/quote.hpp"

namespace sluice::seed {

struct Generator::Parts {
  Options options;
  Plan plan;

  TablePlan& table(size_t i) { return plan.tables[i]; }

  // One row of the table, if it gets any more.
  void step(TablePlan& table, std::string& out) {
    ForeignPlan* per = nullptr;
    for (ForeignPlan& key : table.foreign)
      if (key.per) per = &key;
    const bool enough = table.existing + table.made >= table.most;
    if (enough) table.refused_by = table.most_by;
    if (enough || table.next >= table.wanted || table.refused >= failures_borne ||
        (per && !next_child(plan, options, table, *per))) {
      table.ended = true;
      return;
    }
    if (!make_row(plan, options, table, table.existing + table.next++)) {
      // The other children of this parent would not be let in either.
      if (per) table.next += per->left, per->left = 0;
      table.refused++;
      return;
    }
    table.refused = 0;
    table.made++;
    if (table.held && table.has_later)
      table.held_rows.push_back(table.row);
    else
      append_row(out, table, table.row);
  }

  void drop_made(const Unit& unit) {
    for (size_t i : unit.tables) {
      TablePlan& each = table(i);
      each.next = each.made = each.refused = each.told = 0;
      each.ended = false;
      each.held_rows = {}, each.held_text = {};
      each.store.cut(each.existing);
      for (ExclusionPlan& exclusion : each.exclusions) exclusion.slots.clear();
      for (ForeignPlan& key : each.foreign) key.begun = false, key.left = 0, key.by_values.clear();
    }
  }

  // Why nothing can be put into the table; empty if something can.
  std::string obstacle(const TablePlan& table) const {
    if (!table.problem.empty()) return table.problem;
    for (const ForeignPlan& key : table.foreign) {
      const TablePlan& parent = plan.tables[key.target];
      if (key.required && !key.later && !key.self && !parent.problem.empty() && parent.store.size() == 0)
        return "it needs rows of " + model::display(parent.table->key);
    }
    return "";
  }

  // All of a circle, since the first table needs what comes last.
  std::optional<size_t> make_together(const Unit& unit) {
    for (size_t i : unit.tables) {
      TablePlan& each = table(i);
      if (each.problem = obstacle(each); !each.problem.empty()) return i;
      while (!each.ended) step(each, each.held_text);
    }
    for (size_t i : unit.tables)
      for (const ForeignPlan& key : table(i).foreign) {
        if (!key.later) continue;
        fill_later(plan, options, table(i), key);
        if (!key.required || plan.tables[key.target].store.size() > 0 || table(i).made == 0) continue;
        table(i).problem = "it needs rows of " + model::display(key.key->target());
        return i;
      }
    return std::nullopt;
  }
};

Generator::Generator(const model::Schema& schema, const Options& options)
    : parts_(std::make_unique<Parts>(Parts{options, {}})) {
  parts_->plan = make_plan(schema, parts_->options);
}

Generator::~Generator() = default;

const std::vector<Generator::Unit>& Generator::units() const { return parts_->plan.units; }
size_t Generator::tables() const { return parts_->plan.tables.size(); }
const model::Key& Generator::key(size_t table) const { return parts_->table(table).table->key; }
const std::vector<std::string>& Generator::notes() const { return parts_->plan.notes; }

std::vector<std::string> Generator::columns_to_know(size_t table) const {
  const TablePlan& plan = parts_->table(table);
  std::vector<std::string> out;
  for (size_t i = 0; i < plan.columns.size(); i++) {
    const std::string& name = plan.columns[i].column->key.name;
    bool needed = false;
    for (const UniquePlan& unique : plan.uniques) {
      if (unique.always) continue;
      needed = needed || std::find(unique.columns.begin(), unique.columns.end(), i) != unique.columns.end();
      if (!unique.where) continue;
      const std::vector<std::string> read = columns_in(*unique.where);
      needed = needed || std::find(read.begin(), read.end(), name) != read.end();
    }
    for (size_t k = 0; k < plan.store.width(); k++) needed = needed || plan.store.column(k) == i;
    if (needed) out.push_back(name);
  }
  return out;
}

void Generator::add_existing(size_t table, const std::vector<std::optional<std::string>>& values) {
  TablePlan& plan = parts_->table(table);
  for (Cell& cell : plan.row) cell = {};
  const std::vector<std::string> columns = values.empty() ? std::vector<std::string>() : columns_to_know(table);
  for (size_t i = 0; i < columns.size() && i < values.size(); i++)
    if (values[i]) {
      Cell& cell = plan.row[plan.place.at(columns[i])];
      cell.text = *values[i];
      cell.null = false;
    }
  find_keys(plan);
  for (UniquePlan& unique : plan.uniques)
    if (unique.current != 0) unique.seen.insert(unique.current);
  if (plan.store.width() > 0) plan.store.add(plan.row);
  plan.existing++;
}

std::vector<std::string> Generator::ends_to_know(size_t table) const {
  std::vector<std::string> out;
  for (const auto& [column, sql] : parts_->table(table).counts) out.push_back(sql);
  return out;
}

void Generator::go_on_behind(size_t table, size_t end, const std::string& value) {
  TablePlan& plan = parts_->table(table);
  ColumnPlan& column = plan.columns[plan.counts.at(end).first];
  if (column.counted) {
    column.start = std::strtoll(value.c_str(), nullptr, 10) + column.step;
    return;
  }
  column.wish.unique_from = seconds_of(value).value_or(std::strtod(value.c_str(), nullptr) + 1);
  column.makers = {maker_for(column.wish)};
}

std::optional<size_t> Generator::begin(const Unit& unit) {
  for (size_t i : unit.tables) {
    TablePlan& table = parts_->table(i);
    for (const ForeignPlan& key : table.foreign)
      if (key.per) table.wanted = count_children(parts_->plan, parts_->options, table, key);
    table.sized = true;
    if (table.wanted == 0) table.ended = true, table.problem.clear();
  }
  if (unit.tables.size() > 1) return parts_->make_together(unit);
  TablePlan& table = parts_->table(unit.tables[0]);
  if (!table.ended) table.problem = parts_->obstacle(table);
  return table.problem.empty() ? std::nullopt : std::optional(unit.tables[0]);
}

std::string Generator::copy_statement(size_t table) const {
  const TablePlan& plan = parts_->table(table);
  std::vector<std::string> columns;
  for (const ColumnPlan& column : plan.columns)
    if (!column.skipped) columns.push_back(column.column->key.name);
  return "COPY " + sql::qualified(plan.table->key.schema, plan.table->key.name) + " (" + sql::identifiers(columns) +
         ") FROM STDIN";
}

bool Generator::next(size_t table, std::string& out, size_t bytes) {
  TablePlan& plan = parts_->table(table);
  if (plan.held && plan.has_later) {
    while (plan.told < plan.held_rows.size() && out.size() < bytes) append_row(out, plan, plan.held_rows[plan.told++]);
    return plan.told < plan.held_rows.size();
  }
  if (plan.held) {
    out += std::exchange(plan.held_text, {});
    return false;
  }
  while (!plan.ended && out.size() < bytes) parts_->step(plan, out);
  return !plan.ended;
}

void Generator::give_up(const Unit& unit, size_t table, const std::string& why) {
  parts_->drop_made(unit);
  for (size_t i : unit.tables) {
    TablePlan& each = parts_->table(i);
    each.ended = true;
    if (each.wanted == 0) continue;
    each.problem = i == table ? why : "it is in a circle of foreign keys with " + model::display(key(table));
  }
}

void Generator::rewind(const Unit& unit) {
  for (size_t i : unit.tables) parts_->table(i).existing = 0;
  parts_->drop_made(unit);
  for (size_t i : unit.tables)
    for (UniquePlan& unique : parts_->table(i).uniques) unique.seen = {};
}

size_t Generator::rows(size_t table) const { return parts_->table(table).made; }

size_t Generator::wanted(size_t table) const {
  const TablePlan& plan = parts_->table(table);
  for (const ForeignPlan& key : plan.foreign)
    if (key.per && !plan.sized) return parts_->table(key.target).wanted * (key.per->low + key.per->high) / 2;
  return plan.wanted;
}

std::string Generator::why_fewer(size_t table) const {
  const TablePlan& plan = parts_->table(table);
  return plan.made < plan.wanted ? plan.refused_by : "";
}

std::string Generator::problem(size_t table) const { return parts_->table(table).problem; }

}  // namespace sluice::seed
