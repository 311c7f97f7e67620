#include "model/rows.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.hpp"

namespace sluice::model {

namespace {

// The kinds in drizzle-kit's order, and which members make the key of each.
struct Kind {
  std::string_view name;
  std::vector<const char*> key;
};
const std::array<Kind, 14> kinds{{
    {"schemas", {"name"}},
    {"tables", {"schema", "name"}},
    {"enums", {"schema", "name"}},
    {"columns", {"schema", "table", "name"}},
    {"indexes", {"schema", "name"}},
    {"fks", {"schema", "table", "name"}},
    {"pks", {"schema", "table", "name"}},
    {"uniques", {"schema", "table", "name"}},
    {"checks", {"schema", "table", "name"}},
    {"sequences", {"schema", "name"}},
    {"roles", {"name"}},
    {"privileges", {"schema", "table", "grantor", "grantee", "type"}},
    {"policies", {"schema", "table", "name"}},
    {"views", {"schema", "name"}},
}};

const Kind* kind_named(std::string_view name) {
  for (const Kind& kind : kinds)
    if (kind.name == name) return &kind;
  return nullptr;
}

size_t place_of(std::string_view type) { return static_cast<size_t>(kind_named(type) - kinds.data()); }

std::string type_of(const Row& row) { return row.at("entityType").get<std::string>(); }

// A row refers to another one: pairs of (the other's member, this one's member). With a list, one of its elements (or
// that element's `pick`) is the other's name.
struct Reference {
  std::string_view from, to;
  std::vector<std::pair<const char*, const char*>> members;
  const char* list = nullptr;
  const char* pick = nullptr;
};
const std::vector<Reference> references{
    {"tables", "schemas", {{"name", "schema"}}},
    {"enums", "schemas", {{"name", "schema"}}},
    {"sequences", "schemas", {{"name", "schema"}}},
    {"views", "schemas", {{"name", "schema"}}},
    {"checks", "tables", {{"schema", "schema"}, {"name", "table"}}},
    {"policies", "tables", {{"schema", "schema"}, {"name", "table"}}},
    {"policies", "roles", {}, "roles"},
    {"privileges", "tables", {{"schema", "schema"}, {"name", "table"}}},
    {"privileges", "roles", {{"name", "grantee"}}},
    {"privileges", "roles", {{"name", "grantor"}}},
    {"columns", "tables", {{"schema", "schema"}, {"name", "table"}}},
    {"columns", "enums", {{"schema", "typeSchema"}, {"name", "type"}}},
    {"indexes", "tables", {{"schema", "schema"}, {"name", "table"}}},
    {"indexes", "columns", {{"schema", "schema"}, {"table", "table"}}, "columns", "value"},
    {"pks", "tables", {{"schema", "schema"}, {"name", "table"}}},
    {"pks", "columns", {{"schema", "schema"}, {"table", "table"}}, "columns"},
    {"uniques", "tables", {{"schema", "schema"}, {"name", "table"}}},
    {"uniques", "columns", {{"schema", "schema"}, {"table", "table"}}, "columns"},
    {"fks", "tables", {{"schema", "schema"}, {"name", "table"}}},
    {"fks", "columns", {{"schema", "schema"}, {"table", "table"}}, "columns"},
    {"fks", "tables", {{"schema", "schemaTo"}, {"name", "tableTo"}}},
    {"fks", "columns", {{"schema", "schemaTo"}, {"table", "tableTo"}}, "columnsTo"},
};

const Row& member(const Row& row, const char* name) {
  static const Row nothing;
  const auto found = row.find(name);
  return found == row.end() ? nothing : *found;
}

// Makes `row` refer to `after` where it refers to `before`. True if it does.
bool redirect(Row& row, const Reference& reference, const Row& before, const Row& after) {
  for (const auto& [theirs, ours] : reference.members)
    if (member(row, ours) != member(before, theirs)) return false;
  if (reference.list) {
    if (!member(row, reference.list).is_array()) return false;
    bool any = false;
    for (Row& element : row[reference.list]) {
      if (reference.pick && (!element.is_object() || member(element, "isExpression") == Row(true))) continue;
      Row& name = reference.pick ? element[reference.pick] : element;
      if (name != member(before, "name")) continue;
      name = member(after, "name");
      any = true;
    }
    if (!any) return false;
  }
  for (const auto& [theirs, ours] : reference.members) row[ours] = member(after, theirs);
  return true;
}

[[noreturn]] void not_a_row(const Row& row, const std::string& why) {
  throw Error("'" + row.dump().substr(0, 100) + "' " + why);
}

void check(const Row& row) {
  const Kind* kind = row.is_object() && row.contains("entityType") && row["entityType"].is_string()
                         ? kind_named(row["entityType"].get<std::string>())
                         : nullptr;
  if (!kind) not_a_row(row, "is no object of a schema that Sluice knows");
  for (const char* name : kind->key)
    if (!member(row, name).is_string()) not_a_row(row, std::string("has no \"") + name + "\"");
}

}  // namespace

std::string key_of(const Row& row) {
  std::string type = type_of(row);
  Row names = Row::array();
  for (const char* name : kind_named(type)->key) names.push_back(member(row, name));
  return type + '\0' + names.dump(-1, ' ', false, Row::error_handler_t::replace);
}

bool same(const Row& a, const Row& b) {
  if (a.is_object() && b.is_object()) {
    for (const auto& [name, value] : a.items())
      if (!same(value, member(b, name.c_str()))) return false;
    for (const auto& [name, value] : b.items())
      if (!value.is_null() && !a.contains(name)) return false;
    return true;
  }
  if (a.is_array() && b.is_array())
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](const Row& x, const Row& y) { return same(x, y); });
  return a == b;
}

Rows::Rows(const Row& list, const std::string& name) {
  if (!list.is_array()) throw Error("\"ddl\" is not a list", {.at = {name, 0, 0}});
  for (const Row& row : list) {
    try {
      check(row);
      if (!add(row)) throw Error(type_of(row) + " " + key_of(row).substr(type_of(row).size() + 1) + " is there twice");
    } catch (const Error& error) {
      throw Error("the snapshot is malformed: " + std::string(error.what()),
                  {.hint = "Restore the file from version control, or generate it again.", .at = {name, 0, 0}});
    }
  }
}

const Row* Rows::find(const std::string& key) const {
  const auto found = places_.find(key);
  return found == places_.end() ? nullptr : &rows_[found->second];
}

bool Rows::add(Row row) {
  if (!places_.emplace(key_of(row), rows_.size()).second) return false;
  rows_.push_back(std::move(row));
  return true;
}

void Rows::remove(const std::string& key) {
  const auto found = places_.find(key);
  if (found == places_.end()) return;
  rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(found->second));
  index();
}

void Rows::index() {
  places_.clear();
  for (size_t i = 0; i < rows_.size(); i++) places_.emplace(key_of(rows_[i]), i);
}

void Rows::follow(const Row& before, const Row& after) {
  const std::string type = type_of(before);
  for (const Reference& reference : references) {
    if (reference.to != type) continue;
    for (Row& row : rows_) {
      if (type_of(row) != reference.from) continue;
      Row old = row;
      if (redirect(row, reference, before, after) && key_of(old) != key_of(row)) follow(old, row);
    }
  }
}

bool Rows::set(const std::string& key, const Row& fields) {
  const auto found = places_.find(key);
  if (found == places_.end()) return false;
  const std::vector<Row> old = rows_;
  Row& row = rows_[found->second];
  for (const auto& [name, value] : fields.items())
    if (row.contains(name)) row[name] = value;
  if (key_of(row) == key) return true;
  follow(old[found->second], Row(row));
  index();
  if (places_.size() == rows_.size()) return true;
  rows_ = old;
  index();
  return false;
}

bool Rows::rename(const RowRename& rename) {
  const Row row{{"entityType", rename.type},
                {"schema", rename.from.schema},
                {"table", rename.from.table},
                {"name", rename.from.name}};
  Row fields{{"name", rename.to.name}};
  if (rename.from.schema != rename.to.schema) fields["schema"] = rename.to.schema;
  return set(key_of(row), fields);
}

void Rows::apply(const Row& delta) {
  const std::string op = delta.is_object() && member(delta, "op").is_string() ? delta["op"].get<std::string>() : "";
  if (op == "create") {
    Row row = member(delta, "row");
    check(row);
    const Row* other = find(key_of(row));
    if (other && !same(*other, row)) not_a_row(row, "is there already, with other values");
    if (!other) add(std::move(row));
    return;
  }
  const bool known = op == "drop" || op == "alter" || op == "rename";
  if (!known || !member(delta, "key").is_string()) not_a_row(delta, "is no change that Sluice knows");
  const std::string key = delta["key"].get<std::string>();
  if (op == "drop") {
    remove(key);
  } else if (find(key) && !set(key, member(delta, "set"))) {
    not_a_row(delta, "gives a name that another object has");
  }
}

Row Rows::to_json() const {
  std::vector<const Row*> sorted;
  for (const Row& row : rows_) sorted.push_back(&row);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Row* a, const Row* b) { return place_of(type_of(*a)) < place_of(type_of(*b)); });
  Row list = Row::array();
  for (const Row* row : sorted) list.push_back(*row);
  return list;
}

std::vector<Row> deltas(const Rows& before, const Rows& after, const std::vector<RowRename>& renames) {
  std::vector<Row> out;
  Rows state = before;
  for (const RowRename& rename : renames) {
    const Row from{{"entityType", rename.type},
                   {"schema", rename.from.schema},
                   {"table", rename.from.table},
                   {"name", rename.from.name}};
    if (!state.rename(rename)) continue;
    Row set = Row::object();
    if (rename.from.name != rename.to.name) set["name"] = rename.to.name;
    if (rename.from.schema != rename.to.schema) set["schema"] = rename.to.schema;
    out.push_back({{"op", "rename"}, {"key", key_of(from)}, {"set", set}});
  }
  std::vector<Row> alters;
  for (const Row& row : after.to_json()) {
    const Row* old = state.find(key_of(row));
    if (!old) {
      out.push_back({{"op", "create"}, {"row", row}});
    } else if (!same(*old, row)) {
      Row set = Row::object();
      for (const auto& [name, value] : row.items())
        if (!same(member(*old, name.c_str()), value)) set[name] = value;
      alters.push_back({{"op", "alter"}, {"key", key_of(row)}, {"set", set}});
    }
  }
  for (const Row& row : state.to_json())
    if (!after.find(key_of(row))) out.push_back({{"op", "drop"}, {"key", key_of(row)}});
  out.insert(out.end(), alters.begin(), alters.end());
  return out;
}

void keep_names(const Rows& known, Rows& wanted) {
  auto nameless = [](const Row& row) -> std::optional<std::string> {
    const std::string type = type_of(row);
    if (type != "uniques" && type != "fks" && type != "pks" && type != "indexes") return std::nullopt;
    if (member(row, "nameExplicit") != Row(false)) return std::nullopt;
    nlohmann::json sorted = row;  // members by name
    sorted.erase("name");
    return sorted.dump();
  };
  std::unordered_map<std::string, std::vector<std::string>> keys;  // of the wanted ones
  for (const Row& row : wanted.list())
    if (const auto text = nameless(row)) keys[*text].push_back(key_of(row));
  for (const Row& row : known.list()) {
    const auto text = nameless(row);
    if (!text) continue;
    const auto found = keys.find(*text);
    if (found == keys.end() || found->second.size() != 1) continue;
    const std::string& key = found->second.front();
    const Row* other = wanted.find(key);
    if (other && other->at("name") != row.at("name")) wanted.set(key, {{"name", row.at("name")}});
  }
}

}  // namespace sluice::model
