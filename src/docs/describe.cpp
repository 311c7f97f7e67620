#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "docs/beyond.hpp"

namespace sluice::docs {

namespace {

using model::Key;

// As GitHub makes the anchor of a heading.
std::string anchor_of(const std::string& heading) {
  std::string out;
  for (char c : text::to_lower(heading)) {
    bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || (c & 0x80) != 0;
    if (word) out += c;
    if (c == ' ') out += '-';
  }
  return out;
}

Inline link_to(const Key& table) {
  return "[" + model::display(table) + "](#" + anchor_of(model::display(table)) + ")";
}

// What the snapshots tell of the past.
struct Past {
  std::map<Key, std::string> since;            // of tables and columns that are there
  std::map<Key, std::vector<Inline>> changes;  // by table
};

bool same(const model::Column& a, const model::Column& b) {
  return model::same_type(a.type, b.type) && a.not_null == b.not_null && a.default_value == b.default_value &&
         a.generated == b.generated && a.identity == b.identity && a.primary_key == b.primary_key;
}

Past read_past(const std::vector<Step>& steps) {
  Past past;
  std::map<Key, const model::Column*> columns_before;
  std::set<Key> tables_before;
  for (const Step& step : steps) {
    std::set<Key> tables;
    std::map<Key, const model::Column*> columns;
    for (const model::Table& table : model::all<model::Table>(step.schema)) tables.insert(table.key);
    for (const model::Column& column : model::all<model::Column>(step.schema)) columns[column.key] = &column;
    std::map<Key, std::vector<Inline>> here;
    for (const Key& table : tables)
      if (!tables_before.contains(table)) {
        past.since[table] = step.migration;
        past.changes[table].clear();
        here[table] = {"created"};
      }
    for (const auto& [key, column] : columns) {
      auto before = columns_before.find(key);
      bool new_table = !tables_before.contains(key.owner());
      if (new_table || before == columns_before.end()) past.since[key] = step.migration;
      if (new_table) continue;
      if (before == columns_before.end())
        here[key.owner()].push_back("added " + code(key.name));
      else if (!same(*before->second, *column))
        here[key.owner()].push_back("changed " + code(key.name));
    }
    for (const auto& [key, column] : columns_before)
      if (tables.contains(key.owner()) && tables_before.contains(key.owner()) && !columns.contains(key))
        here[key.owner()].push_back("dropped " + code(key.name));
    for (const auto& [table, what] : here)
      past.changes[table].push_back(code(step.migration) + ": " + text::join(what, ", "));
    columns_before = std::move(columns);
    tables_before = std::move(tables);
  }
  return past;
}

std::string index_text(const model::Index& index) {
  std::vector<std::string> columns;
  for (const model::IndexColumn& column : index.columns) {
    std::string text = column.expression;
    if (column.opclass) text += " " + *column.opclass;
    if (!column.ascending) text += " desc";
    columns.push_back(text);
  }
  // All of it stands behind USING.
  const size_t at = index.definition ? index.definition->find(" USING ") : std::string::npos;
  if (at != std::string::npos)
    return code(index.key.name) + ": " + (index.definition->starts_with("CREATE UNIQUE") ? "unique, " : "") +
           code(index.definition->substr(at + 7));
  std::string out = code(index.key.name) + ": " + (index.unique ? "unique, " : "") + code(text::join(columns, ", "));
  if (index.method != "btree") out += " using " + index.method;
  if (index.where) out += " where " + code(*index.where);
  return out;
}

// What belongs to one table, from the lists of a schema.
struct Parts {
  explicit Parts(const model::Schema& schema)
      : columns(model::by_table<model::Column>(schema)),
        primary_keys(model::by_table<model::PrimaryKey>(schema)),
        uniques(model::by_table<model::Unique>(schema)),
        checks(model::by_table<model::Check>(schema)),
        indexes(model::by_table<model::Index>(schema)),
        foreign_keys(model::by_table<model::ForeignKey>(schema)),
        policies(model::by_table<model::Policy>(schema)),
        remarks(schema) {
    for (const model::ForeignKey& key : model::all<model::ForeignKey>(schema)) referenced[key.target()].push_back(&key);
  }
  std::map<Key, std::vector<const model::Column*>> columns;
  std::map<Key, std::vector<const model::PrimaryKey*>> primary_keys;
  std::map<Key, std::vector<const model::Unique*>> uniques;
  std::map<Key, std::vector<const model::Check*>> checks;
  std::map<Key, std::vector<const model::Index*>> indexes;
  std::map<Key, std::vector<const model::ForeignKey*>> foreign_keys, referenced;
  std::map<Key, std::vector<const model::Policy*>> policies;
  Remarks remarks;

  // True if no two rows have the same values there.
  bool unique(const Key& table, std::vector<std::string> wanted) {
    std::sort(wanted.begin(), wanted.end());
    auto is = [&](std::vector<std::string> names) {
      std::sort(names.begin(), names.end());
      return names == wanted;
    };
    for (const model::Column* column : columns[table])
      if (column->primary_key && is({column->key.name})) return true;
    for (const model::PrimaryKey* key : primary_keys[table])
      if (is(key->columns)) return true;
    for (const model::Unique* key : uniques[table])
      if (is(key->columns)) return true;
    for (const model::Index* index : indexes[table]) {
      std::vector<std::string> names;
      for (const model::IndexColumn& column : index->columns)
        if (!column.is_expression) names.push_back(column.expression);
      if (index->unique && names.size() == index->columns.size() && is(names)) return true;
    }
    return false;
  }
};

ColumnDoc describe_column(const model::Column& column, Parts& parts, const Past& past) {
  const Key table = column.key.owner();
  ColumnDoc out;
  out.name = column.key.name;
  out.type = column.type;
  if (column.type_schema && *column.type_schema != "public") out.type = *column.type_schema + "." + out.type;
  out.is_key = column.primary_key;
  for (const model::PrimaryKey* key : parts.primary_keys[table])
    if (std::find(key->columns.begin(), key->columns.end(), out.name) != key->columns.end()) out.is_key = true;
  out.is_unique = !column.primary_key && parts.unique(table, {out.name});
  out.not_null = column.not_null || out.is_key;
  if (out.is_key) out.notes.push_back("primary key");
  if (column.not_null && !out.is_key) out.notes.push_back("not null");
  if (out.is_unique) out.notes.push_back("unique");
  if (column.identity) out.notes.push_back(column.identity->type == "always" ? "identity" : "identity by default");
  if (column.generated) out.notes.push_back("generated as " + code(column.generated->expression));
  for (const model::ForeignKey* key : parts.foreign_keys[table])
    for (size_t i = 0; i < key->columns_from.size(); i++)
      if (key->columns_from[i] == out.name) {
        out.is_foreign = true;
        out.notes.push_back("→ " + link_to(key->target()) +
                            (i < key->columns_to.size() ? "." + key->columns_to[i] : ""));
      }
  if (column.inherited.value_or(false)) out.notes.push_back("inherited");
  if (column.collation) out.notes.push_back("collation " + code(*column.collation));
  if (column.storage) out.notes.push_back("storage " + text::to_lower(*column.storage));
  if (column.compression) out.notes.push_back("compression " + *column.compression);
  if (column.statistics) out.notes.push_back("statistics " + *column.statistics);
  if (std::string comment = parts.remarks.comment("COLUMN", full_name(table) + "." + out.name); !comment.empty())
    out.notes.push_back("“" + comment + "”");
  if (column.default_value) out.default_value = column.default_value->text;
  if (auto found = past.since.find(column.key); found != past.since.end()) out.since = found->second;
  return out;
}

std::string action(const std::string& event, const std::string& what) {
  return what == "no action" ? "" : ", on " + event + " " + what;
}

TableDoc describe_table(const model::Schema& schema, const model::Table& table, Parts& parts, Past& past) {
  TableDoc out;
  out.key = table.key;
  out.name = model::display(table.key);
  out.anchor = anchor_of(out.name);
  out.since = past.since[table.key];
  out.comment = parts.remarks.comment("TABLE", full_name(table.key));
  for (const model::Column* column : parts.columns[table.key])
    out.columns.push_back(describe_column(*column, parts, past));
  auto add = [&](const std::string& title, std::vector<Inline> lines) {
    if (!lines.empty()) out.facts.push_back({title, std::move(lines)});
  };
  // What else is said of a constraint: all of it where drizzle's words do not do, and its comment.
  auto more = [&](const auto& key, const std::string& kind = "CONSTRAINT") {
    return (key.definition && kind == "CONSTRAINT" ? ", " + code(*key.definition) : "") +
           parts.remarks.remark(kind, kind == "INDEX" ? full_name({key.key.schema, "", key.key.name})
                                                      : key.key.name + " on " + full_name(table.key));
  };
  std::vector<Inline> lines;
  add("Properties", properties_of(table));
  for (const model::PrimaryKey* key : parts.primary_keys[table.key]) lines.push_back(codes(key->columns) + more(*key));
  add("Primary key", std::exchange(lines, {}));
  for (const model::ForeignKey* key : parts.foreign_keys[table.key])
    lines.push_back(codes(key->columns_from) + " → " + link_to(key->target()) + " (" + codes(key->columns_to) + ")" +
                    action("delete", key->on_delete) + action("update", key->on_update) + more(*key));
  add("Foreign keys", std::exchange(lines, {}));
  for (const model::ForeignKey* key : parts.referenced[table.key])
    lines.push_back(link_to(key->key.owner()) + " (" + codes(key->columns_from) + ")" +
                    action("delete", key->on_delete));
  add("Referenced by", std::exchange(lines, {}));
  for (const model::Unique* key : parts.uniques[table.key])
    lines.push_back(code(key->key.name) + ": " + codes(key->columns) +
                    (key->nulls_not_distinct ? ", nulls not distinct" : "") + more(*key));
  add("Unique", std::exchange(lines, {}));
  for (const model::Check* check : parts.checks[table.key])
    lines.push_back(code(check->key.name) + ": " + code(check->expression) + more(*check));
  add("Checks", std::exchange(lines, {}));
  for (const model::Index* index : parts.indexes[table.key])
    lines.push_back(index_text(*index) + more(*index, "INDEX"));
  add("Indexes", std::exchange(lines, {}));
  if (table.row_security || parts.policies.contains(table.key))
    lines.push_back(table.force_row_security.value_or(false) ? "row-level security is on, for the owner too"
                                                             : "row-level security is on");
  for (const model::Policy* policy : parts.policies[table.key])
    lines.push_back(code(policy->key.name) + ": " + text::to_lower(policy->as) + ", for " +
                    text::to_lower(policy->command) + " to " + codes(policy->to) +
                    (policy->using_expression ? ", using " + code(*policy->using_expression) : "") +
                    (policy->with_check ? ", with check " + code(*policy->with_check) : "") +
                    parts.remarks.remark("POLICY", policy->key.name + " on " + full_name(table.key)));
  add("Policies", std::exchange(lines, {}));
  for (Facts& facts : facts_of(schema, table.key, parts.remarks)) out.facts.push_back(std::move(facts));
  add("History", past.changes[table.key]);
  return out;
}

ViewDoc describe_view(const model::Schema& schema, const model::View& view, Parts& parts) {
  ViewDoc out;
  out.name = model::display(view.key);
  out.anchor = anchor_of(out.name);
  out.definition = view.definition.value_or("");
  out.materialized = view.materialized;
  out.comment = parts.remarks.comment(view.materialized ? "MATERIALIZED VIEW" : "VIEW", full_name(view.key));
  std::vector<Inline> lines;
  for (const model::Column& column : view.columns)
    if (std::string comment = parts.remarks.comment("COLUMN", full_name(view.key) + "." + column.key.name);
        !comment.empty())
      lines.push_back(code(column.key.name) + " – " + comment);
  if (!lines.empty()) out.facts.push_back({"Columns", std::exchange(lines, {})});
  for (const model::Index* index : parts.indexes[view.key])
    lines.push_back(index_text(*index) +
                    parts.remarks.remark("INDEX", full_name({index->key.schema, "", index->key.name})));
  if (!lines.empty()) out.facts.push_back({"Indexes", std::move(lines)});
  for (Facts& facts : facts_of(schema, view.key, parts.remarks)) out.facts.push_back(std::move(facts));
  return out;
}

std::vector<Edge> edges_of(const model::Schema& schema, const std::vector<TableDoc>& tables, Parts& parts) {
  std::map<Key, size_t> place;
  for (size_t i = 0; i < tables.size(); i++) place[tables[i].key] = i;
  std::vector<Edge> out;
  for (const model::ForeignKey& key : model::all<model::ForeignKey>(schema)) {
    auto child = place.find(key.key.owner()), parent = place.find(key.target());
    if (child == place.end() || parent == place.end() || key.columns_from.empty()) continue;
    Edge edge{child->second, parent->second, text::join(key.columns_from, ", "), key.columns_from.front(),
              false,         false};
    for (const ColumnDoc& column : tables[child->second].columns)
      if (std::find(key.columns_from.begin(), key.columns_from.end(), column.name) != key.columns_from.end())
        edge.optional = edge.optional || !column.not_null;
    edge.single = parts.unique(key.key.owner(), key.columns_from);
    out.push_back(edge);
  }
  return out;
}

}  // namespace

Document describe(const std::vector<Step>& steps, const std::string& folder) {
  static const model::Schema nothing;
  const model::Schema& schema = steps.empty() ? nothing : steps.back().schema;
  Document out;
  out.title = "Data model";
  out.source = steps.empty() ? "`" + folder + "` has no migrations yet."
                             : "From the " + text::counted(steps.size(), "migration") + " in `" + folder +
                                   "`; the last is `" + steps.back().migration + "`.";
  Past past = read_past(steps);
  Parts parts(schema);
  for (const model::Table& table : model::all<model::Table>(schema))
    out.tables.push_back(describe_table(schema, table, parts, past));
  std::sort(out.tables.begin(), out.tables.end(), [](const TableDoc& a, const TableDoc& b) { return a.key < b.key; });
  out.edges = edges_of(schema, out.tables, parts);
  for (const model::View& view : model::all<model::View>(schema))
    out.views.push_back(describe_view(schema, view, parts));
  out.functions = functions_of(schema, parts.remarks);
  for (ViewDoc& function : out.functions) function.anchor = anchor_of(function.name);

  auto add = [&](const std::string& title, std::vector<Inline> lines) {
    if (!lines.empty()) out.others.push_back({title, std::move(lines)});
  };
  std::vector<Inline> lines;
  for (const model::Enum& item : model::all<model::Enum>(schema)) {
    std::vector<Inline> users;
    for (const TableDoc& table : out.tables)
      for (const ColumnDoc& column : table.columns)
        if (column.type.substr(0, column.type.find('[')) ==
            (item.key.schema == "public" ? item.key.name : item.key.schema + "." + item.key.name))
          users.push_back("[" + table.name + "](#" + table.anchor + ")." + column.name);
    lines.push_back(code(model::display(item.key)) + ": " + codes(item.values) +
                    (users.empty() ? "" : " (" + text::join(users, ", ") + ")") +
                    parts.remarks.remark("TYPE", full_name(item.key)));
  }
  add("Enums", std::exchange(lines, {}));
  for (const model::Sequence& item : model::all<model::Sequence>(schema))
    lines.push_back(code(model::display(item.key)) + ": from " + item.options.start + " by " + item.options.increment +
                    (item.owned_by ? ", of " + code(*item.owned_by) : "") +
                    parts.remarks.remark("SEQUENCE", full_name(item.key)));
  add("Sequences", std::exchange(lines, {}));
  for (const model::Role& item : model::all<model::Role>(schema)) lines.push_back(code(item.key.name));
  add("Roles", std::exchange(lines, {}));
  for (const model::Namespace& item : model::all<model::Namespace>(schema))
    lines.push_back(code(item.key.name) + parts.remarks.remark("SCHEMA", item.key.name));
  add("Schemas", std::exchange(lines, {}));
  for (Facts& facts : other_facts(schema, parts.remarks)) out.others.push_back(std::move(facts));
  return out;
}

}  // namespace sluice::docs
