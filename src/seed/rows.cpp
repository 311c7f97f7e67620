// Rows: the parents are chosen first, then the values are made, then checks and keys say whether they let it in.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/text.hpp"
#include "seed/plan.hpp"

namespace sluice::seed {

namespace {

void take(TablePlan& table, size_t column, const std::optional<std::string_view>& value) {
  Cell& cell = table.row[column];
  cell.null = !value;
  cell.text.assign(value.value_or(std::string_view()));
  if (table.columns[column].limits_another)
    cell.number = seconds_of(cell.text).value_or(std::strtod(cell.text.c_str(), nullptr));
}

std::uint64_t add_to_hash(std::uint64_t sum, std::string_view text) { return mix(sum, hash(text)); }

// The rows of the parent that agree with what other keys have set already.
const std::vector<std::uint32_t>* agreeing(const Store& parents, const TablePlan& table, ForeignPlan& key,
                                           const std::vector<size_t>& given) {
  ByValues* found = nullptr;
  for (ByValues& each : key.by_values)
    if (each.given == given) found = &each;
  if (!found) {
    found = &key.by_values.emplace_back();
    found->given = given;
    for (size_t row = 0; row < parents.size(); row++) {
      std::uint64_t sum = 0;
      for (size_t i : given) sum = add_to_hash(sum, parents.at(row, key.kept[i]).value_or("\x01"));
      found->rows[sum].push_back(static_cast<std::uint32_t>(row));
    }
  }
  std::uint64_t sum = 0;
  for (size_t i : given) {
    const Cell& cell = table.row[key.from[i]];
    sum = add_to_hash(sum, cell.null ? std::string_view("\x01") : std::string_view(cell.text));
  }
  auto rows = found->rows.find(sum);
  return rows == found->rows.end() ? nullptr : &rows->second;
}

// A parent whose key is NULL, as a unique column may be, has no children where they need one.
bool has_key(const Store& parents, const TablePlan& table, const ForeignPlan& key, size_t parent) {
  for (size_t i = 0; i < key.from.size(); i++)
    if (table.columns[key.from[i]].not_null && !parents.at(parent, key.kept[i])) return false;
  return true;
}

// The parent, or one of those behind it.
std::optional<size_t> with_key(const Store& parents, const TablePlan& table, const ForeignPlan& key, size_t parent) {
  constexpr size_t far = 100;
  for (size_t i = 0; i < std::min(far, parents.size()); i++)
    if (const size_t each = (parent + i) % parents.size(); has_key(parents, table, key, each)) return each;
  return std::nullopt;
}

// Some have more children than others: 0.4 u + 0.6 u² of them, u from 0 to 1. In whole numbers: a compiler may round
// others in its own way.
size_t some_parent(Random& random, size_t count) {
  const std::uint64_t u = random.next() >> 32, square = (u * u) >> 32;
  return ((4 * u + 6 * square) / 10 * count) >> 32;
}

bool choose_parent(const Store& parents, TablePlan& table, ForeignPlan& key, size_t r, size_t attempt,
                   std::uint64_t number) {
  Random random(number);
  const bool any_given = std::any_of(key.from.begin(), key.from.end(), [&](size_t i) { return table.set[i] != 0; });
  std::optional<size_t> chosen;
  if (key.per) {
    if (has_key(parents, table, key, key.parent)) chosen = key.parent;
  } else if (!any_given) {
    const bool empty = !key.required && random.chance(key.nulls);
    if (parents.size() > 0 && !empty) {
      chosen = key.one_to_one ? (r + attempt) % parents.size() : some_parent(random, parents.size());
      chosen = with_key(parents, table, key, *chosen);
    }
  } else {
    std::vector<size_t> given;  // places in key.from that another key has set
    for (size_t i = 0; i < key.from.size(); i++)
      if (table.set[key.from[i]]) given.push_back(i);
    if (const std::vector<std::uint32_t>* rows = agreeing(parents, table, key, given))
      chosen = (*rows)[random.below(rows->size())];
  }
  if (!chosen) {
    // NULL in one column of it is enough, if it may be.
    if (key.required) return false;
    bool null_there =
        std::any_of(key.from.begin(), key.from.end(), [&](size_t i) { return table.set[i] && table.row[i].null; });
    for (size_t i : key.from) {
      if (table.set[i] || table.columns[i].not_null) continue;
      table.set[i] = null_there = true;
    }
    return null_there;
  }
  for (size_t i = 0; i < key.from.size(); i++) {
    const std::optional<std::string_view> value = parents.at(*chosen, key.kept[i]);
    if (table.set[key.from[i]]) continue;
    take(table, key.from[i], value);
    table.set[key.from[i]] = true;
  }
  return true;
}

bool same(const Cell& cell, const std::optional<std::string_view>& value) {
  return cell.null ? !value : value && *value == cell.text;
}

void choose_own_row(TablePlan& table, const ForeignPlan& key, std::uint64_t number) {
  Random random(number);
  const Store& rows = table.store;
  if (!key.required && (rows.size() == 0 || random.chance(key.nulls))) return;
  // What another key or the row itself has set stays: only a row that agrees with it can be the parent.
  auto agrees = [&](size_t parent) {
    for (size_t i = 0; i < key.from.size(); i++)
      if ((table.set[key.from[i]] || !table.columns[key.from[i]].own_key) &&
          !same(table.row[key.from[i]], rows.at(parent, key.kept[i])))
        return false;
    return true;
  };
  std::optional<size_t> parent;
  if (key.one_to_one && rows.size() > 0 && agrees(rows.size() - 1)) parent = rows.size() - 1;
  for (size_t tries = 0; tries < 50 && !key.one_to_one && !parent && rows.size() > 0; tries++)
    if (size_t candidate = random.below(rows.size()); agrees(candidate)) parent = candidate;
  if (!parent && !key.required) return;
  for (size_t i = 0; i < key.from.size(); i++) {
    if (table.set[key.from[i]] || !table.columns[key.from[i]].own_key) continue;
    if (parent)
      take(table, key.from[i], rows.at(*parent, key.kept[i]));
    else
      table.row[key.from[i]] = table.row[key.to[i]];
  }
}

void make_value(TablePlan& table, size_t i, size_t area, Place& place, std::uint64_t base) {
  ColumnPlan& column = table.columns[i];
  Cell& cell = table.row[i];
  if (column.counted) {
    const std::int64_t n = column.start + column.step * static_cast<std::int64_t>(place.row - place.existing);
    if (n < 0) cell.text += '-';
    append_number(cell.text, static_cast<std::uint64_t>(n < 0 ? -n : n));
    cell.number = static_cast<double>(n);
    cell.null = false;
    return;
  }
  if (column.makers.empty()) return;
  Random random(mix(base, column.hash));
  double nulls = column.nulls;
  // A check that does not like the value may like NULL better.
  if (!column.not_null && place.attempt % 4 == 3 && !column.slot && !column.in_slot) nulls = std::max(nulls, 0.6);
  if (nulls > 0 && random.chance(nulls)) return;
  place.after.reset();
  place.slot.reset();
  place.in_slot = column.in_slot;
  if (column.after >= 0)
    if (const Cell& start = table.row[static_cast<size_t>(column.after)]; !start.null) place.after = start.number;
  if (column.slot)
    for (const ExclusionPlan& exclusion : table.exclusions) {
      if (exclusion.start != i) continue;
      std::uint64_t sum = 0;
      for (size_t equal : exclusion.equal) sum = add_to_hash(sum, table.row[equal].text);
      auto found = exclusion.slots.find(sum);
      place.slot = found == exclusion.slots.end() ? 0 : found->second;
    }
  column.makers[column.makers.size() > 1 ? area : 0](place, random, cell);
  cell.null = false;
}

Value value_of(const TablePlan& table, const Node& node) {
  if (node.place < 0) return {};
  const auto i = static_cast<size_t>(node.place);
  const ColumnPlan& column = table.columns[i];
  const Cell& cell = table.row[i];
  if (column.skipped && cell.null) return {};
  if (cell.null) return {Value::null, 0, ""};
  if (column.wish.dimensions > 0) return {};
  if (column.number) return {Value::number, std::strtod(cell.text.c_str(), nullptr), cell.text};
  if (column.boolean) return {Value::boolean, cell.text == "t" ? 1.0 : 0.0, cell.text == "t" ? "true" : "false"};
  return {Value::text, 0, cell.text};
}

// What PostgreSQL will make of the row, as far as that is known.
void generate_columns(TablePlan& table) {
  for (const auto& [column, node] : table.generated) {
    const Value value = evaluate(node, [&](const Node& each) { return value_of(table, each); });
    Cell& cell = table.row[column];
    cell.null = value.kind == Value::unknown || value.kind == Value::null;
    cell.number = value.n;
    cell.text = value.s;
    if (value.kind == Value::number) {
      std::array<char, 32> digits{};
      std::snprintf(digits.data(), digits.size(), "%.15g", value.n);
      cell.text = digits.data();
    }
  }
}

bool passes_checks(TablePlan& table) {
  for (const CheckPlan& check : table.checks) {
    const Value value = evaluate(check.node, [&](const Node& node) { return value_of(table, node); });
    if (value.kind == Value::boolean && value.n == 0) {
      table.refused_by = check.name;
      return false;
    }
  }
  return true;
}

// The partition that the values were made for, or any other.
bool falls_in_partition(TablePlan& table, size_t area) {
  for (size_t i = 0; i < table.areas.size(); i++) {
    const std::optional<Node>& node = table.areas[(area + i) % table.areas.size()];
    if (!node) return true;
    const Value value = evaluate(*node, [&](const Node& each) { return value_of(table, each); });
    if (value.kind != Value::boolean || value.n != 0) return true;
  }
  table.refused_by = "the list of its partitions";
  return table.areas.empty();
}

bool keys_are_new(TablePlan& table) {
  find_keys(table);
  for (const UniquePlan& unique : table.uniques)
    if (unique.current != 0 && unique.seen.contains(unique.current)) {
      table.refused_by = unique.name;
      return false;
    }
  return true;
}

bool try_row(Plan& plan, const Options& options, TablePlan& table, size_t r, size_t attempt) {
  const std::uint64_t own = mix(options.seed, table.hash), base = mix(own, r * attempts + attempt);
  for (Cell& cell : table.row) cell.text.clear(), cell.number = 0, cell.null = true;
  std::fill(table.set.begin(), table.set.end(), 0);
  for (size_t k = 0; k < table.foreign.size(); k++) {
    ForeignPlan& key = table.foreign[k];
    if (key.self) continue;
    if (key.later) {
      for (size_t i : key.from) table.set[i] = true;
    } else if (!choose_parent(plan.tables[key.target].store, table, key, r, attempt, mix(base, k + 1))) {
      table.refused_by = key.key->key.name;
      return false;
    }
  }
  const size_t area = table.areas.size() < 2 ? 0 : Random(mix(base, 99)).below(table.areas.size());
  Place place;
  place.person = mix(own, r), place.row = r, place.attempt = attempt, place.existing = table.existing;
  for (size_t i : table.order)
    if (!table.set[i] && !table.columns[i].skipped && !table.columns[i].own_key)
      make_value(table, i, area, place, base);
  for (size_t k = 0; k < table.foreign.size(); k++)
    if (table.foreign[k].self) choose_own_row(table, table.foreign[k], mix(base, k + 1));
  generate_columns(table);
  return passes_checks(table) && falls_in_partition(table, area) && keys_are_new(table);
}

size_t first_parent(const TablePlan& parent) { return parent.made > 0 ? parent.existing : 0; }

size_t count_of(const Options& options, const TablePlan& table, const ForeignPlan& key, size_t parent) {
  Random random(mix(mix(options.seed, mix(table.hash, hash(key.key->key.name))), parent));
  return key.per->low + random.below(key.per->high - key.per->low + 1);
}

std::string_view canonical(const ColumnPlan& column, std::string_view text) {
  if (column.number && text.find('.') != std::string_view::npos) {
    while (text.ends_with('0')) text.remove_suffix(1);
    if (text.ends_with('.')) text.remove_suffix(1);
  }
  if (column.wish.type == "char" || column.wish.type == "bpchar")
    while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

void find_keys(TablePlan& table) {
  for (UniquePlan& unique : table.uniques) {
    unique.current = 0;
    if (unique.always) continue;
    bool counts = true;
    for (size_t i : unique.columns) counts = counts && (!table.row[i].null || unique.nulls_equal);
    if (counts && unique.where) {
      const Value value = evaluate(*unique.where, [&](const Node& node) { return value_of(table, node); });
      counts = value.kind == Value::unknown || (value.kind == Value::boolean && value.n != 0);
    }
    if (!counts) continue;
    std::uint64_t sum = 1;
    for (size_t i : unique.columns) {
      const std::string_view text = canonical(table.columns[i], table.row[i].text);
      sum = table.row[i].null ? mix(sum, 2) : add_to_hash(sum, unique.lower ? text::to_lower(text) : text);
    }
    unique.current = std::max<std::uint64_t>(sum, 1);
  }
}

void remember_keys(TablePlan& table) {
  for (UniquePlan& unique : table.uniques)
    if (unique.current != 0) unique.seen.insert(unique.current);
  for (ExclusionPlan& exclusion : table.exclusions) {
    if (!exclusion.start) continue;
    std::uint64_t sum = 0;
    for (size_t equal : exclusion.equal) sum = add_to_hash(sum, table.row[equal].text);
    exclusion.slots[sum]++;
  }
  if (table.store.width() > 0) table.store.add(table.row);
}

bool make_row(Plan& plan, const Options& options, TablePlan& table, size_t number) {
  for (size_t attempt = 0; attempt < attempts; attempt++)
    if (try_row(plan, options, table, number, attempt)) {
      remember_keys(table);
      return true;
    }
  return false;
}

void fill_later(Plan& plan, const Options& options, TablePlan& table, const ForeignPlan& key) {
  const Store& parents = plan.tables[key.target].store;
  if (parents.size() == 0) return;
  for (size_t r = 0; r < table.held_rows.size(); r++) {
    Random random(mix(mix(options.seed, hash(key.key->key.name)), table.existing + r));
    if (key.one_to_one && r >= parents.size()) continue;
    if (!key.required && random.chance(key.nulls)) continue;
    const std::optional<size_t> parent =
        with_key(parents, table, key, key.one_to_one ? r : random.below(parents.size()));
    if (!parent) continue;
    table.row = table.held_rows[r];
    for (size_t i = 0; i < key.from.size(); i++) take(table, key.from[i], parents.at(*parent, key.kept[i]));
    if (key.required || passes_checks(table)) table.held_rows[r] = table.row;
  }
}

bool next_child(const Plan& plan, const Options& options, const TablePlan& table, ForeignPlan& key) {
  const TablePlan& parents = plan.tables[key.target];
  while (!key.begun || key.left == 0) {
    key.parent = key.begun ? key.parent + 1 : first_parent(parents);
    key.begun = true;
    if (key.parent >= parents.store.size()) return false;
    key.left = count_of(options, table, key, key.parent);
  }
  key.left--;
  return true;
}

size_t count_children(const Plan& plan, const Options& options, const TablePlan& table, const ForeignPlan& key) {
  const TablePlan& parents = plan.tables[key.target];
  size_t count = 0;
  for (size_t i = first_parent(parents); i < parents.store.size(); i++) count += count_of(options, table, key, i);
  return count;
}

void append_row(std::string& out, const TablePlan& table, const Row& row) {
  bool first = true;
  for (size_t i = 0; i < row.size(); i++) {
    const ColumnPlan& column = table.columns[i];
    if (column.skipped) continue;
    if (!first) out += '\t';
    first = false;
    if (row[i].null) {
      out += "\\N";
    } else if (column.plain) {
      out += row[i].text;
    } else {
      for (char c : row[i].text) {
        if (c == '\\' || c == '\n' || c == '\t' || c == '\r') {
          out += '\\';
          c = c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : c;
        }
        out += c;
      }
    }
  }
  out += '\n';
}

}  // namespace sluice::seed
