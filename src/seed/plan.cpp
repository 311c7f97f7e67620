#include "seed/plan.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "sql/quote.hpp"

namespace sluice::seed {

namespace {

using model::Key;

// "varchar(10)[]" → varchar, {10}, 1.
void read_type(std::string type, Wish& wish) {
  while (type.ends_with("[]")) type.resize(type.size() - 2), wish.dimensions++;
  for (size_t open = type.find('['); open != std::string::npos; open = type.find('['))
    type.resize(open), wish.dimensions++;
  if (size_t open = type.find('('), close = type.find(')'); open != std::string::npos && close != std::string::npos) {
    for (const std::string& part : text::split(type.substr(open + 1, close - open - 1), ","))
      wish.modifiers.push_back(std::atoi(std::string(text::trim(part)).c_str()));
    type = std::string(text::trim(type.substr(0, open))) + type.substr(close + 1);
  }
  type = text::to_lower(text::trim(type));
  static const std::map<std::string, std::string> same{{"timestamp with time zone", "timestamptz"},
                                                       {"timestamp without time zone", "timestamp"},
                                                       {"time with time zone", "timetz"},
                                                       {"time without time zone", "time"},
                                                       {"int", "integer"},
                                                       {"int4", "integer"},
                                                       {"int2", "smallint"},
                                                       {"int8", "bigint"},
                                                       {"float8", "double precision"},
                                                       {"float4", "real"},
                                                       {"decimal", "numeric"},
                                                       {"bool", "boolean"}};
  auto found = same.find(type);
  wish.type = found == same.end() ? type : found->second;
}

std::string snake(const std::string& name) {
  std::string out;
  for (size_t i = 0; i < name.size(); i++) {
    bool upper = name[i] >= 'A' && name[i] <= 'Z';
    if (upper && i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z') out += '_';
    out += name[i];
  }
  return text::to_lower(out);
}

// 'x' or 'x'::text → x; nothing for expressions.
std::string literal_of(const std::string& text) {
  if (text.size() < 2 || text[0] != '\'') return "";
  size_t end = text.find('\'', 1);
  while (end != std::string::npos && end + 1 < text.size() && text[end + 1] == '\'') end = text.find('\'', end + 2);
  if (end == std::string::npos || (end + 1 < text.size() && text[end + 1] != ':')) return "";
  return text::replace_all(text.substr(1, end - 1), "''", "'");
}

void find_places(Node& node, const std::map<std::string, size_t>& places) {
  if (node.kind == Node::column)
    if (auto found = places.find(node.name); found != places.end()) node.place = static_cast<int>(found->second);
  for (Node& part : node.parts) find_places(part, places);
}

// "EXCLUDE USING gist (room WITH =, tstzrange(starts, ends) WITH &&) WHERE (…)" → {room, =}, {tstzrange(…), &&}.
std::vector<std::pair<std::string, std::string>> exclusion_parts(const std::string& definition) {
  std::vector<std::pair<std::string, std::string>> out;
  size_t at = definition.find('('), begin = at + 1;
  if (at == std::string::npos) return out;
  int depth = 0;
  for (char quote = 0; at < definition.size(); at++) {
    const char c = definition[at];
    if (quote) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (c == '(') depth++;
    if (c == ')') depth--;
    if (!(depth == 1 && c == ',') && depth != 0) continue;
    const std::string part(text::trim(definition.substr(begin, at - begin)));
    const size_t with = part.rfind(" WITH ");
    if (with == std::string::npos) return {};
    out.emplace_back(part.substr(0, with), part.substr(with + 6));
    begin = at + 1;
    if (depth == 0) return out;
  }
  return {};
}

bool is_range(const std::string& type) { return type.ends_with("range") && !type.ends_with("multirange"); }

class Planner {
 public:
  Planner(const model::Schema& schema, const Options& options) : schema_(schema), options_(options) {
    for (const model::Table& table : model::all<model::Table>(schema)) {
      place_[table.key] = plan_.tables.size();
      TablePlan& plan = plan_.tables.emplace_back();
      plan.table = &table;
      plan.hash = hash(model::display(table.key));
    }
    const auto columns = model::by_table<model::Column>(schema);
    const auto keys = model::by_table<model::PrimaryKey>(schema);
    const auto uniques = model::by_table<model::Unique>(schema);
    const auto indexes = model::by_table<model::Index>(schema);
    const auto checks = model::by_table<model::Check>(schema);
    const auto foreign = model::by_table<model::ForeignKey>(schema);
    const auto each = [](const auto& map, const TablePlan& table, auto visit) {
      if (auto found = map.find(table.table->key); found != map.end())
        for (const auto* item : found->second) visit(*item);
    };
    for (TablePlan& table : plan_.tables) {
      choose_size(table);
      each(columns, table, [&](const model::Column& item) { add_column(table, item); });
      for (size_t i = 0; i < table.columns.size(); i++)
        if (table.columns[i].column->primary_key)
          add_unique(table, "the primary key", {table.columns[i].column->key.name}, false);
      each(keys, table, [&](const model::PrimaryKey& item) {
        add_unique(table, item.key.name, item.columns, false);
        for (const std::string& column : item.columns) table.columns[table.place.at(column)].not_null = true;
      });
      each(uniques, table,
           [&](const model::Unique& item) { add_unique(table, item.key.name, item.columns, item.nulls_not_distinct); });
      each(indexes, table, [&](const model::Index& item) {
        if (item.unique) add_unique_index(table, item);
      });
      each(checks, table, [&](const model::Check& item) { add_check(table, item.key.name, item.expression); });
    }
    for (TablePlan& table : plan_.tables) {
      each(foreign, table, [&](const model::ForeignKey& item) { add_foreign_key(table, item); });
      // The parent that counts its children first, then those with more columns: the others have to agree with them. A
      // table's own rows come last.
      std::stable_sort(table.foreign.begin(), table.foreign.end(), [](const ForeignPlan& a, const ForeignPlan& b) {
        if (a.per.has_value() != b.per.has_value()) return a.per.has_value();
        return a.self != b.self ? b.self : a.from.size() > b.from.size();
      });
    }
    for (TablePlan& table : plan_.tables) finish(table);
    make_units();
  }

  Plan take() { return std::move(plan_); }

 private:
  const TableChoice* choice(const TablePlan& table) const {
    auto found = options_.tables.find(table.table->key);
    return found == options_.tables.end() ? nullptr : &found->second;
  }

  void choose_size(TablePlan& table) {
    const TableChoice* chosen = choice(table);
    table.wanted = chosen && chosen->rows ? *chosen->rows : options_.rows;
  }

  // ---- columns
  void add_column(TablePlan& table, const model::Column& column) {
    ColumnPlan plan;
    plan.column = &column;
    plan.hash = hash(column.key.name);
    plan.wish.table = text::to_lower(table.table->key.name);
    plan.wish.name = snake(column.key.name);
    plan.not_null = column.not_null || column.primary_key;
    plan.skipped = column.generated.has_value();
    table.place[column.key.name] = table.columns.size();
    read_type(column.type, plan.wish);
    Wish& wish = plan.wish;
    if (auto domain = options_.domains.find(wish.type); domain != options_.domains.end()) {
      wish.modifiers.clear();
      read_type(domain->second.type, wish);
      for (const std::string& check : domain->second.checks)
        add_check(table, column.key.name, text::replace_all(check, "VALUE", "\"" + column.key.name + "\""));
    }
    const std::string name = column.type.substr(0, column.type.find('['));
    for (const model::Enum& item : model::all<model::Enum>(schema_))
      if (text::to_lower(item.key.name) == wish.type) wish.enum_values = item.values;  // under a domain
    for (const model::Enum& item : model::all<model::Enum>(schema_))
      if (item.key.name == name && (!column.type_schema || *column.type_schema == item.key.schema))
        wish.enum_values = item.values;
    if (wish.type.ends_with("serial")) {
      plan.counted = true;
      wish.type = wish.type == "serial" ? "integer" : wish.type == "bigserial" ? "bigint" : "smallint";
    }
    if (column.identity) {
      plan.counted = true;
      plan.start = std::strtoll(column.identity->options.start.c_str(), nullptr, 10);
      plan.step = std::strtoll(column.identity->options.increment.c_str(), nullptr, 10);
    }
    bool text_type = wish.type == "varchar" || wish.type == "char" || wish.type == "bpchar" || wish.type == "text";
    if (text_type && !wish.modifiers.empty()) wish.limits.longest = static_cast<size_t>(wish.modifiers[0]);
    if (wish.type == "char" && wish.modifiers.empty()) wish.limits.longest = 1;
    if (wish.type == "name") wish.limits.longest = 60;
    if (column.default_value) wish.default_text = literal_of(column.default_value->text);
    const bool single = wish.dimensions == 0 && wish.enum_values.empty();
    plan.number = single && is_number(wish.type);
    plan.boolean = single && wish.type == "boolean";
    plan.plain = plan.number || plan.boolean || (single && (is_time(wish.type) || wish.type == "uuid"));
    table.columns.push_back(std::move(plan));
  }

  // ---- keys
  void add_unique(TablePlan& table, const std::string& name, const std::vector<std::string>& columns,
                  bool nulls_equal) {
    UniquePlan unique;
    unique.name = name, unique.nulls_equal = nulls_equal;
    for (const std::string& column : columns)
      if (auto found = table.place.find(column); found != table.place.end()) unique.columns.push_back(found->second);
    if (unique.columns.size() != columns.size() || columns.empty()) return;
    if (unique.columns.size() == 1) table.columns[unique.columns[0]].wish.unique = true;
    table.uniques.push_back(std::move(unique));
  }

  void add_unique_index(TablePlan& table, const model::Index& index) {
    std::vector<std::string> names;
    bool lower = false;
    for (const model::IndexColumn& column : index.columns) {
      if (!column.is_expression) {
        names.push_back(column.expression);
        continue;
      }
      lower = true;
      if (std::optional<Node> node = parse_check(column.expression))
        for (std::string& name : columns_in(*node)) names.push_back(std::move(name));
    }
    size_t before = table.uniques.size();
    add_unique(table, index.key.name, names, false);
    if (table.uniques.size() == before) return;
    UniquePlan& unique = table.uniques.back();
    unique.lower = lower;
    if (index.where) unique.where = parse_check(*index.where);
    if (unique.where) find_places(*unique.where, table.place);
  }

  void add_foreign_key(TablePlan& table, const model::ForeignKey& key) {
    ForeignPlan plan;
    plan.key = &key;
    for (const std::string& name : key.columns_from) {
      auto found = table.place.find(name);
      if (found == table.place.end()) return;
      plan.from.push_back(found->second);
    }
    // All of a key is NULL or none of it: one required column decides only where all are.
    plan.required =
        std::all_of(plan.from.begin(), plan.from.end(), [&](size_t i) { return table.columns[i].not_null; });
    auto target = place_.find(key.target());
    if (target == place_.end()) {
      if (plan.required)
        table.problem = "it needs rows of " + model::display(key.target()) +
                        ", which is not among the tables that data is made for";
      for (size_t i : plan.from)
        if (!plan.required && !table.columns[i].not_null) table.columns[i].skipped = true;
      return;
    }
    for (size_t i : plan.from) table.columns[i].in_foreign_key = true;
    plan.target = target->second;
    TablePlan& parent = plan_.tables[plan.target];
    plan.self = &parent == &table;
    for (const std::string& name : key.columns_to) {
      plan.to.push_back(parent.place.at(name));
      plan.kept.push_back(parent.store.keep(plan.to.back()));
    }
    for (const UniquePlan& unique : table.uniques)
      if (!unique.where &&
          std::is_permutation(unique.columns.begin(), unique.columns.end(), plan.from.begin(), plan.from.end()))
        plan.one_to_one = true;
    if (plan.one_to_one) plan.nulls = 0.05;
    if (plan.self) plan.nulls = 0.3;
    if (const TableChoice* chosen = choice(table)) {
      for (size_t i : plan.from)
        if (auto column = chosen->columns.find(table.columns[i].column->key.name); column != chosen->columns.end()) {
          if (column->second.nulls && !plan.required) plan.nulls = *column->second.nulls;
          if (column->second.skip && !plan.required) plan.nulls = 1;
        }
      if (chosen->per && chosen->per->foreign_key == key.key.name) plan.per = chosen->per;
    }
    table.foreign.push_back(std::move(plan));
  }

  void add_check(TablePlan& table, const std::string& name, const std::string& text) {
    if (std::optional<Node> node = parse_check(text))
      table.checks.push_back({name, *node});
    else
      plan_.notes.push_back("the check '" + name + "' of " + model::display(table.table->key) +
                            " is not understood; a row that it refuses leaves the table empty: " + text);
  }

  // ---- exclusion constraints: equality alone is a key; spans are kept apart for rows that are equal otherwise.
  void add_exclusion(TablePlan& table, const std::string& name, const std::string& definition) {
    ExclusionPlan plan{name, {}, std::nullopt, {}};
    std::vector<std::string> equal;
    bool understood = true, spans = false;
    for (const auto& [expression, sign] : exclusion_parts(definition)) {
      const std::optional<Node> node = parse_check(expression);
      const auto place = [&](const Node& part) {
        auto found = part.kind == Node::column ? table.place.find(part.name) : table.place.end();
        return found == table.place.end() ? std::optional<size_t>() : found->second;
      };
      const std::optional<size_t> column = node ? place(*node) : std::nullopt;
      if (column && sign == "=") {
        plan.equal.push_back(*column);
        equal.push_back(node->name);
      } else if (column && sign == "&&" && is_range(table.columns[*column].wish.type)) {
        spans = true;  // ranges are made one behind the other
        table.columns[*column].in_slot = true;
        table.counts.emplace_back(*column, "max(upper(" + sql::identifier(node->name) + "))");
      } else if (node && node->kind == Node::call && sign == "&&" && is_range(node->name) && node->parts.size() >= 2) {
        const std::optional<size_t> start = place(node->parts[0]), end = place(node->parts[1]);
        const auto free = [&](const std::optional<size_t>& each) {
          return each && !table.columns[*each].in_foreign_key && !table.columns[*each].counted &&
                 (table.columns[*each].number || is_time(table.columns[*each].wish.type));
        };
        understood = understood && free(start) && free(end) && !plan.start;
        if (!understood) break;
        plan.start = start;
        table.columns[*start].slot = true;
        table.columns[*end].in_slot = true;
        table.columns[*end].after = static_cast<int>(*start);
        table.counts.emplace_back(*start, "max(" + sql::identifier(node->parts[1].name) + ")");
        spans = true;
      } else {
        understood = false;
      }
    }
    if (understood && !spans && !equal.empty()) {
      add_unique(table, name, equal, false);
    } else if (!understood || !spans) {
      table.most = 1;
      table.most_by = name;
      plan_.notes.push_back("the exclusion constraint '" + name + "' of " + model::display(table.table->key) +
                            " is not understood: the table gets one row at most: " + definition);
    } else {
      table.exclusions.push_back(std::move(plan));
    }
  }

  // ---- what needs all of the above
  void finish(TablePlan& table) {
    if (auto found = options_.exclusions.find(table.table->key); found != options_.exclusions.end())
      for (const auto& [name, definition] : found->second) add_exclusion(table, name, definition);
    if (auto found = options_.partitions.find(table.table->key); found != options_.partitions.end()) {
      table.partitioned = true;
      for (const std::string& bound : found->second) {
        table.areas.push_back(parse_check(bound.empty() ? "true" : bound));
        if (table.areas.back()) find_places(*table.areas.back(), table.place);
      }
      if (table.areas.empty()) table.problem = "it has no partition that rows could go to";
    }
    for (CheckPlan& check : table.checks) find_places(check.node, table.place);
    for (size_t i = 0; i < table.columns.size(); i++) {
      const model::Column& column = *table.columns[i].column;
      std::optional<Node> node = column.generated ? parse_check(column.generated->expression) : std::nullopt;
      if (!node) continue;
      find_places(*node, table.place);
      table.generated.emplace_back(i, std::move(*node));
    }
    Limits nowhere;
    for (const CheckPlan& check : table.checks)
      find_limits(check.node, [&](const std::string& name) -> Limits& {
        auto found = table.place.find(name);
        return found == table.place.end() ? nowhere : table.columns[found->second].wish.limits;
      });
    const TableChoice* chosen = choice(table);
    for (ColumnPlan& column : table.columns) apply(column, chosen);
    for (UniquePlan& unique : table.uniques)
      unique.always = !unique.lower && std::any_of(unique.columns.begin(), unique.columns.end(), [&](size_t i) {
        const ColumnPlan& column = table.columns[i];
        return column.counted && column.step != 0 && !column.in_foreign_key;
      });
    for (const ForeignPlan& key : table.foreign)
      for (size_t i : key.from)
        if (key.self && std::find(key.to.begin(), key.to.end(), i) == key.to.end()) table.columns[i].own_key = true;
    plan_order(table);
    for (size_t i = 0; i < table.columns.size(); i++) {
      ColumnPlan& column = table.columns[i];
      if (column.after >= 0) table.columns[static_cast<size_t>(column.after)].limits_another = true;
      make_makers(table, column);
      if (column.in_foreign_key || column.skipped || !(column.counted || (column.wish.unique && column.number)))
        continue;
      const char* end = column.counted && column.step < 0 ? "min(" : "max(";
      table.counts.emplace_back(i, end + sql::identifier(column.column->key.name) + ")");
    }
    table.row.resize(table.columns.size());
    table.set.resize(table.columns.size());
  }

  static void apply(ColumnPlan& column, const TableChoice* chosen) {
    const std::string& name = column.wish.name;
    const auto said = [&](const char* part) { return name.find(part) != std::string::npos; };
    const bool event =
        is_time(column.wish.type) && (said("deleted") || said("cancel") || said("archived") || said("revoked"));
    column.nulls = column.not_null || column.slot || column.in_slot ? 0 : event ? 0.85 : 0.15;
    if (!chosen) return;
    auto found = chosen->columns.find(column.column->key.name);
    if (found == chosen->columns.end()) return;
    const ColumnChoice& choice = found->second;
    if (choice.skip && !column.in_foreign_key) column.skipped = true;
    if (choice.nulls && !column.not_null && !column.slot && !column.in_slot) column.nulls = *choice.nulls;
    column.wish.values = choice.values;
    column.wish.weights = choice.weights;
    Limits& limits = column.wish.limits;
    if (choice.low) limits.low = std::max(limits.low, *choice.low);
    if (choice.high) limits.high = std::min(limits.high, *choice.high);
    if (!choice.low_text.empty()) limits.low_text = choice.low_text;
    if (!choice.high_text.empty()) limits.high_text = choice.high_text;
  }

  void make_makers(TablePlan& table, ColumnPlan& column) {
    if (column.skipped || column.counted) return;
    const Maker usual = maker_for(column.wish);
    if (!usual) {
      if (column.in_foreign_key) return;
      column.skipped = true;  // PostgreSQL fills it in
      if (!column.not_null || column.column->default_value) return;
      if (table.problem.empty())
        table.problem = "no value can be made for the required column " + column.column->key.name + " of type " +
                        column.column->type + " (a default, or values = [\"…\"] in sluice.toml, would help)";
      return;
    }
    column.makers.push_back(usual);
    if (table.areas.size() < 2 && (table.areas.empty() || !table.areas[0])) return;
    column.makers.clear();
    for (const std::optional<Node>& area : table.areas) {
      Wish wish = column.wish;
      Limits nowhere;
      bool touched = false;
      if (area)
        find_limits(*area, [&](const std::string& name) -> Limits& {
          if (name != column.column->key.name) return nowhere;
          touched = true;
          return wish.limits;
        });
      column.makers.push_back(touched ? maker_for(wish) : usual);
    }
  }

  // A column that another one limits comes after it; so do ends after starts.
  static void plan_order(TablePlan& table) {
    static const std::vector<std::pair<const char*, const char*>> pairs{
        {"start", "end"},         {"starts", "ends"},     {"started", "ended"},      {"started", "finished"},
        {"started", "completed"}, {"created", "updated"}, {"created", "modified"},   {"created", "deleted"},
        {"from", "to"},           {"from", "until"},      {"opens", "closes"},       {"open", "close"},
        {"min", "max"},           {"begin", "end"},       {"check_in", "check_out"}, {"created", "paid"},
        {"issued", "due"},        {"created", "expires"}};
    for (size_t i = 0; i < table.columns.size(); i++) {
      ColumnPlan& column = table.columns[i];
      if (column.in_slot) continue;
      if (!is_time(column.wish.type) && !is_number(column.wish.type) && column.wish.type != "time") continue;
      if (auto found = table.place.find(column.wish.limits.after); found != table.place.end())
        column.after = static_cast<int>(found->second);
      for (const auto& [first, second] : pairs) {
        size_t at = column.wish.name.find(second);
        if (column.after >= 0 || at == std::string::npos) continue;
        std::string partner = column.wish.name;
        partner.replace(at, std::string_view(second).size(), first);
        for (size_t j = 0; j < table.columns.size(); j++)
          if (j != i && table.columns[j].wish.name == partner && table.columns[j].wish.type == column.wish.type &&
              table.columns[j].after < 0)
            column.after = static_cast<int>(j);
      }
      if (column.slot) column.after = -1;
    }
    std::vector<bool> placed(table.columns.size(), false);
    auto place = [&](auto& self, size_t i) -> void {
      if (placed[i]) return;
      placed[i] = true;
      if (table.columns[i].after >= 0) self(self, static_cast<size_t>(table.columns[i].after));
      for (const ExclusionPlan& exclusion : table.exclusions)
        if (exclusion.start == i)
          for (size_t equal : exclusion.equal) self(self, equal);
      table.order.push_back(i);
    };
    for (size_t i = 0; i < table.columns.size(); i++) place(place, i);
  }

  // ---- which table is next: one whose parents are all there. Where tables refer to each other in a circle, the one
  // that can wait for the fewest required parents; those keys are filled in when all tables are there.
  size_t next_table() {
    std::vector<TablePlan>& tables = plan_.tables;
    size_t best = tables.size(), fewest = 0;
    for (size_t i = 0; i < tables.size(); i++) {
      if (tables[i].done) continue;
      size_t missing = 0;
      for (const ForeignPlan& key : tables[i].foreign)
        if (!key.self && !tables[key.target].done) missing += key.required ? 1000 : 1;
      if (best == tables.size() || missing < fewest) best = i, fewest = missing;
      if (fewest == 0 && best == i) break;
    }
    for (ForeignPlan& key : tables[best].foreign)
      if (!key.self && !tables[key.target].done) key.later = tables[best].has_later = true;
    tables[best].done = true;
    return best;
  }

  // From a table that has to wait for a later one up to that: all of it is one unit.
  void make_units() {
    std::vector<TablePlan>& tables = plan_.tables;
    std::vector<size_t> sequence, position(tables.size()), unit_of(tables.size());
    for (size_t left = tables.size(); left > 0; left--) {
      sequence.push_back(next_table());
      position[sequence.back()] = sequence.size() - 1;
    }
    for (size_t at = 0; at < sequence.size();) {
      Generator::Unit unit;
      for (size_t end = at; at <= end; at++) {
        unit.tables.push_back(sequence[at]);
        unit_of[sequence[at]] = plan_.units.size();
        for (const ForeignPlan& key : tables[sequence[at]].foreign)
          if (key.later) {
            end = std::max(end, position[key.target]);
            unit.circular.push_back(*key.key);
          }
      }
      for (size_t table : unit.tables) {
        tables[table].held = unit.tables.size() > 1;
        for (const ForeignPlan& key : tables[table].foreign)
          if (!key.later && position[key.target] < position[unit.tables[0]]) unit.after.push_back(unit_of[key.target]);
      }
      std::sort(unit.after.begin(), unit.after.end());
      unit.after.erase(std::unique(unit.after.begin(), unit.after.end()), unit.after.end());
      plan_.units.push_back(std::move(unit));
    }
  }

  const model::Schema& schema_;
  const Options& options_;
  std::map<Key, size_t> place_;
  Plan plan_;
};

}  // namespace

Plan make_plan(const model::Schema& schema, const Options& options) { return Planner(schema, options).take(); }

}  // namespace sluice::seed
