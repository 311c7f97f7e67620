#include "history/footprints.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"

namespace sluice::history {

using model::Row;
using model::Rows;

namespace {

using Names = std::vector<std::string>;

std::string at(const Row& row, const char* name) {
  const auto found = row.find(name);
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is(const Row& row, const char* name) {
  const auto found = row.find(name);
  return found != row.end() && found->is_boolean() && found->get<bool>();
}

Names list(const Row& row, const char* name) {
  Names out;
  if (const auto found = row.find(name); found != row.end() && found->is_array())
    for (const Row& item : *found) {
      if (item.is_string())
        out.push_back(item.get<std::string>());
      else if (item.is_object() && !is(item, "isExpression"))
        out.push_back(at(item, "value"));
    }
  return out;
}

// "n|tbl|public.users": the name of something ("n"), the thing itself ("s"), that it is there ("e").
std::string node(const char* what, const std::string& kind, const Names& names) {
  return std::string(what) + "|" + kind + "|" + text::join(names, ".");
}

void add(Names& to, const Names& more) { to.insert(to.end(), more.begin(), more.end()); }

// Names that are taken by more than one kind: a table, its type and an index share them.
Names shared(const std::string& kind, const Names& names) {
  if (kind == "tbl" || kind == "view") return {node("n", "rel", names), node("n", "type", names)};
  if (kind == "seq" || kind == "idx") return {node("n", "rel", names)};
  if (kind == "enum") return {node("n", "type", names)};
  if (kind == "uq") return {node("n", "con", names), node("n", "rel", {names.front(), names.back()})};
  if (kind == "ck" || kind == "fk") return {node("n", "con", names)};
  return {};
}

Names made(const std::string& kind, const Names& names) {
  Names out{node("s", kind, names), node("n", kind, names), node("e", kind, names)};
  add(out, shared(kind, names));
  return out;
}

Names renamed(const std::string& kind, const Names& from, const Names& to) {
  Names out;
  for (const Names& names : {from, to}) {
    add(out, {node("s", kind, names), node("n", kind, names)});
    add(out, shared(kind, names));
  }
  return out;
}

struct Short {
  const char *type, *word, *kind;  // "tables", "table", "tbl"
};
constexpr Short shorts[] = {{"schemas", "schema", "sch"}, {"tables", "table", "tbl"},
                            {"enums", "enum", "enum"},    {"columns", "column", "col"},
                            {"indexes", "index", "idx"},  {"fks", "fk", "fk"},
                            {"pks", "pk", "pk"},          {"uniques", "unique", "uq"},
                            {"checks", "check", "ck"},    {"sequences", "sequence", "seq"},
                            {"roles", "role", "role"},    {"policies", "policy", "pol"},
                            {"views", "view", "view"}};

const Short* short_of(const std::string& type) {
  for (const Short& each : shorts)
    if (type == each.type) return &each;
  return nullptr;
}

class Footprints {
 public:
  Footprints(const Rows& before, const Rows& after) : before_(before), after_(after) {}

  void add_delta(const Row& delta) {
    const std::string op = delta.at("op");
    if (op == "create") return created(delta.at("row"), true);
    const std::string key = delta.at("key"), type = key.substr(0, key.find('\0'));
    if (!short_of(type)) return;
    if (op == "rename") return given_name(type, key, delta.at("set"));
    if (op == "drop") {
      if (const Row* row = before_.find(key)) created(*row, false);
    } else if (const Row* row = after_.find(key)) {
      altered(*row, delta);
    }
  }

  Row take() { return std::move(out_); }

 private:
  static Names place(const Row& row) {
    Names names;
    for (const char* part : {"schema", "table", "name"})
      if (const std::string name = at(row, part); !name.empty()) names.push_back(name);
    return names;
  }

  // What drizzle-kit says a statement is about: constraints and policies are the table's.
  static Row target(const Row& row) {
    const std::string type = at(row, "entityType");
    const bool of_table = type == "fks" || type == "pks" || type == "uniques" || type == "checks" || type == "policies";
    Row out = Row::array({of_table ? "table" : short_of(type)->word});
    Names names = place(row);
    if (of_table) names.pop_back();
    for (const std::string& name : names) out.push_back(name);
    return out;
  }

  static Names under_table(const Row& row) {
    return {node("n", "tbl", {at(row, "schema"), at(row, "table")}), node("n", "sch", {at(row, "schema")})};
  }
  static Names columns(const char* what, const Row& row, const char* member) {
    Names out;
    for (const std::string& name : list(row, member))
      out.push_back(node(what, "col", {at(row, "schema"), at(row, "table"), name}));
    return out;
  }
  static Names enum_of(const Row& column) {
    const std::string schema = at(column, "typeSchema");
    return schema.empty() ? Names{} : Names{node("n", "enum", {schema, at(column, "type")})};
  }
  static Names roles_of(const Row& policy) {
    static const std::set<std::string> known{"current_user", "current_role", "session_user", "public"};
    Names out;
    for (const std::string& role : list(policy, "roles"))
      if (!known.contains(role)) out.push_back(node("n", "role", {role}));
    return out;
  }
  // That these columns tell rows apart, which a foreign key to them needs.
  static std::string uniqueness(const std::string& schema, const std::string& table, Names names) {
    std::sort(names.begin(), names.end());
    names.insert(names.begin(), {schema, table});
    return node("e", "uniqueness", names);
  }

  void put(const std::string& statement, const Row& about, const Names& writes, const Names& reads,
           const Names& shared_writes = {}, const std::string& hashed = "") {
    Row footprint{{"statementType", statement}, {"statementTarget", target(about)}, {"writes", writes}};
    if (!reads.empty()) footprint["reads"] = reads;
    if (!shared_writes.empty()) footprint["sharedWrites"] = shared_writes;
    // Two branches may both make one change that can be made twice.
    if (!hashed.empty()) footprint["sqlHash"] = files::sha256(hashed).substr(0, 16);
    out_.push_back(std::move(footprint));
  }

  // Made or dropped: both take the same names. What belongs to a table that comes or goes is part of it.
  void created(const Row& row, bool is_new) {
    const std::string type = at(row, "entityType");
    const Short* about = short_of(type);
    if (!about) return;
    const Rows& other = is_new ? before_ : after_;
    const bool with_table = type != "tables" && row.contains("table") &&
                            !other.find(model::key_of(
                                {{"entityType", "tables"}, {"schema", at(row, "schema")}, {"name", at(row, "table")}}));
    const bool apart = type == "indexes" || type == "fks" || type == "policies";
    if (with_table && (!apart || !is_new)) return;
    const bool added = type == "columns" || type == "pks" || type == "uniques" || type == "checks";
    const std::string statement = (!is_new ? "drop_" : added ? "add_" : "create_") + std::string(about->word);
    Names names = place(row);
    Names writes, reads, shared_writes;
    const char* what = is_new ? "n" : "e";
    if (type == "indexes") {
      writes = made("idx", {at(row, "schema"), at(row, "name")});
      reads = under_table(row);
      add(reads, columns(what, row, "columns"));
      if (!is_new && is(row, "isUnique") && at(row, "where").empty())
        shared_writes = {uniqueness(at(row, "schema"), at(row, "table"), list(row, "columns"))};
    } else if (type == "pks") {
      writes = made("pk", {names[0], names[1]});
      add(writes, shared("uq", names));
      reads = under_table(row);
      add(reads, columns(what, row, "columns"));
      if (!is_new) shared_writes = {uniqueness(names[0], names[1], list(row, "columns"))};
    } else {
      writes = made(about->kind, names);
      reads = row.contains("table") ? under_table(row) : Names{};
      if (type == "tables")
        of_table(row, is_new, writes, reads);
      else if (type == "columns" && is_new)
        add(reads, enum_of(row));
      else if (type == "uniques")
        add(reads, columns(what, row, "columns"));
      else if (type == "fks")
        of_foreign_key(row, is_new, reads);
      else if (type == "policies" && is_new)
        of_policy(row, reads);
      else if (type == "checks")
        add(reads, columns_in(row, what));
      else if (row.contains("schema") && !row.contains("table"))
        reads = {node("n", "sch", {names[0]})};
      if (type == "uniques" && !is_new) shared_writes = {uniqueness(names[0], names[1], list(row, "columns"))};
    }
    put(statement, row, writes, reads, shared_writes);
  }

  void of_table(const Row& table, bool is_new, Names& writes, Names& reads) {
    const std::string schema = at(table, "schema"), name = at(table, "name");
    reads = {node("n", "sch", {schema})};
    if (!is_new) return;
    for (const Row& row : after_.list()) {
      if (at(row, "schema") != schema || at(row, "table") != name) continue;
      const std::string type = at(row, "entityType");
      if (type == "pks" || type == "uniques") writes.push_back(node("n", "rel", {schema, at(row, "name")}));
      if (type == "columns") add(reads, enum_of(row));
    }
  }

  static void of_foreign_key(const Row& key, bool is_new, Names& reads) {
    if (!is_new) return add(reads, columns("e", key, "columns"));
    const std::string schema = at(key, "schemaTo"), table = at(key, "tableTo");
    add(reads, {node("n", "tbl", {schema, table}), node("n", "sch", {schema})});
    add(reads, columns("n", key, "columns"));
    for (const std::string& name : list(key, "columnsTo")) reads.push_back(node("n", "col", {schema, table, name}));
    reads.push_back(uniqueness(schema, table, list(key, "columnsTo")));
  }

  static void of_policy(const Row& policy, Names& reads) {
    add(reads, roles_of(policy));
    reads.push_back(node("e", "rls", {at(policy, "schema"), at(policy, "table")}));
  }

  // The columns that a check names.
  Names columns_in(const Row& check, const char* what) const {
    Names out;
    for (const Row& row : after_.list())
      if (at(row, "entityType") == "columns" && at(row, "schema") == at(check, "schema") &&
          at(row, "table") == at(check, "table") &&
          at(check, "value").find("\"" + at(row, "name") + "\"") != std::string::npos)
        out.push_back(node(what, "col", {at(row, "schema"), at(row, "table"), at(row, "name")}));
    return out;
  }

  void given_name(const std::string& type, const std::string& key, const Row& set) {
    const Row* row = before_.find(key);
    Names parts;
    const Row names = Row::parse(key.substr(key.find('\0') + 1), nullptr, false);
    for (const Row& name : names)
      if (name.is_string()) parts.push_back(name.get<std::string>());
    if (parts.empty()) return;
    Names to = parts;
    if (set.contains("name")) to.back() = at(set, "name");
    if (set.contains("schema") && to.size() > 1) to.front() = at(set, "schema");
    Row about{{"entityType", type}};
    if (parts.size() > 1) about["schema"] = parts.front();
    if (parts.size() > 2) about["table"] = parts[1];
    about["name"] = parts.back();
    const Short* kind = short_of(type);
    const bool moved = parts.size() > 1 && parts.front() != to.front();
    Names writes = renamed(kind->kind, parts, to), reads;
    if (moved && type == "tables") add(writes, {node("e", "tbl", parts), node("e", "tbl", to)});
    if (parts.size() == 3) reads = {node("n", "tbl", {parts[0], parts[1]})};
    if (parts.size() > 1) reads.push_back(node("n", "sch", {parts[0]}));
    if (moved) reads.push_back(node("n", "sch", {to[0]}));
    put((moved ? "move_" : "rename_") + std::string(kind->word), row ? *row : about, writes, reads);
  }

  void altered(const Row& row, const Row& delta) {
    const std::string type = at(row, "entityType"), hashed = delta.dump(-1, ' ', false, Row::error_handler_t::replace);
    const Row& set = delta.at("set");
    const Row* was = before_.find(model::key_of(row));
    const Names names = place(row);
    Names reads = row.contains("table") ? under_table(row) : Names{};
    if (names.size() == 2 && type != "tables") reads = {node("n", "sch", {names[0]})};
    if (type == "columns") {
      if (set.contains("generated") && !set.at("generated").is_null()) {
        add(reads, enum_of(row));
        return put("recreate_column", row, made("col", names), reads, {}, hashed);
      }
      Names writes;
      auto property = [&](const char* name) {
        const std::string text = node("s", "colprop", {names[0], names[1], names[2], name});
        if (std::find(writes.begin(), writes.end(), text) == writes.end()) writes.push_back(text);
      };
      const bool retyped = set.contains("type") || set.contains("typeSchema") || set.contains("dimensions");
      if (set.contains("notNull")) property("notNull");
      if (set.contains("default")) property("default");
      if (retyped) property("type"), property("default");
      if (set.contains("generated")) property("generated"), property("default");
      if (set.contains("identity")) property("identity"), property("default"), property("notNull");
      reads.push_back(node("n", "col", names));
      if (retyped || set.contains("default")) add(reads, enum_of(row));
      const bool once = set.contains("identity") || set.contains("generated") || set.contains("dimensions");
      put("alter_column", row, writes, reads, {}, once ? "" : hashed);
    } else if (type == "tables") {
      Names writes{node("s", "rls", names)};
      if (!is(row, "isRlsEnabled")) writes.push_back(node("e", "rls", names));
      put("alter_rls", row, writes, {node("n", "tbl", names), node("n", "sch", {names[0]})}, {}, hashed);
    } else if (type == "indexes") {
      add(reads, columns("n", row, "columns"));
      put("recreate_index", row, made("idx", {names[0], names[2]}), reads, {}, hashed);
    } else if (type == "fks") {
      of_foreign_key(row, true, reads);
      put("recreate_fk", row, made("fk", names), reads, {}, hashed);
    } else if (type == "pks" || type == "uniques") {
      add(reads, columns("n", row, "columns"));
      put(type == "pks" ? "alter_pk" : "alter_unique", row,
          {type == "pks" ? node("s", "pk", {names[0], names[1]}) : node("s", "uq", names)}, reads,
          {uniqueness(names[0], names[1], list(was ? *was : row, "columns"))}, hashed);
    } else if (type == "checks") {
      add(reads, columns_in(row, "n"));
      put("alter_check", row, {node("s", "ck", names)}, reads, {}, hashed);
    } else {
      if (type == "policies") add(reads, roles_of(row));
      const Short* kind = short_of(type);
      put("alter_" + std::string(kind->word), row, {node("s", kind->kind, names)}, reads, {}, hashed);
    }
  }

  const Rows &before_, &after_;
  Row out_ = Row::array();
};

std::string shown(const Row& footprint) {
  Names names = list(footprint, "statementTarget");
  if (!names.empty()) names.erase(names.begin());
  if (names.size() > 1 && names.front() == "public") names.erase(names.begin());
  std::string statement = at(footprint, "statementType");
  std::replace(statement.begin(), statement.end(), '_', ' ');
  return statement + " " + text::join(names, ".");
}

bool same_change(const Row& a, const Row& b) {
  return !at(a, "sqlHash").empty() && at(a, "sqlHash") == at(b, "sqlHash") &&
         at(a, "statementType") == at(b, "statementType");
}

// Where a statement of `from` writes what one of `to` touches.
std::optional<std::pair<const Row*, const Row*>> first_clash(const std::vector<Row>& from, const std::vector<Row>& to) {
  std::map<std::string, std::vector<const Row*>> touching;
  for (const Row& footprint : to)
    for (const char* list_name : {"writes", "reads"})
      for (const std::string& name : list(footprint, list_name)) touching[name].push_back(&footprint);
  for (const Row& footprint : from)
    for (const char* list_name : {"writes", "sharedWrites"})
      for (const std::string& name : list(footprint, list_name))
        if (const auto found = touching.find(name); found != touching.end())
          for (const Row* other : found->second)
            if (!same_change(footprint, *other)) return std::pair(&footprint, other);
  return std::nullopt;
}

}  // namespace

Row footprints_of(const Rows& before, const Rows& after, const std::vector<Row>& deltas) {
  Footprints out(before, after);
  for (const Row& delta : deltas) out.add_delta(delta);
  return out.take();
}

std::optional<Clash> clash_between(const std::vector<Row>& one, const std::vector<Row>& other) {
  auto clash = [&](const Row* in_one, const Row* in_other) {
    return Clash{shown(*in_one), shown(*in_other), static_cast<size_t>(in_one - one.data()),
                 static_cast<size_t>(in_other - other.data())};
  };
  if (const auto found = first_clash(one, other)) return clash(found->first, found->second);
  if (const auto found = first_clash(other, one)) return clash(found->second, found->first);
  return std::nullopt;
}

}  // namespace sluice::history
