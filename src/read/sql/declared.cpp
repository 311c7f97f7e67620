#include "read/sql/declared.hpp"

#include <set>

#include "base/text.hpp"
#include "sql/parse.hpp"

namespace sluice::read {

namespace {

Declared of(const char* kind, const sql::Name& name) {
  return {kind, name.schema.empty() ? "public" : name.schema, "", name.name};
}

Declared on(const char* kind, const sql::Name& table, const std::string& name) {
  return {kind, table.schema.empty() ? "public" : table.schema, table.name, name};
}

struct Visitor {
  std::optional<Declared> operator()(const sql::CreateTable& made) const { return of("table", made.table.name); }
  std::optional<Declared> operator()(const sql::CreateView& made) const { return of("view", made.view.name); }
  std::optional<Declared> operator()(const sql::CreateSequence& made) const {
    return of("sequence", made.sequence.name);
  }
  std::optional<Declared> operator()(const sql::CreateEnum& made) const { return of("enum", made.type.name); }
  std::optional<Declared> operator()(const sql::CreateDomain& made) const { return of("domain", made.type.name); }
  std::optional<Declared> operator()(const sql::CreateComposite& made) const { return of("type", made.type.name); }
  std::optional<Declared> operator()(const sql::CreateFunction& made) const {
    return of("function", made.function.name);
  }
  std::optional<Declared> operator()(const sql::CreateIndex& made) const {
    return on("index", made.table.name, made.name);
  }
  std::optional<Declared> operator()(const sql::CreateTrigger& made) const {
    return on("trigger", made.table.name, made.name);
  }
  std::optional<Declared> operator()(const sql::CreateRule& made) const {
    return on("rule", made.table.name, made.name);
  }
  std::optional<Declared> operator()(const sql::Policy& made) const {
    if (!made.create) return std::nullopt;
    return on("policy", made.table.name, made.name);
  }
  std::optional<Declared> operator()(const sql::CreateSchema& made) const {
    return Declared{"schema", "", "", made.name};
  }
  std::optional<Declared> operator()(const sql::Role& made) const {
    if (made.action != sql::Role::Action::create) return std::nullopt;
    return Declared{"role", "", "", made.name};
  }
  std::optional<Declared> operator()(const sql::Extension& made) const {
    if (made.action != sql::Extension::Action::create) return std::nullopt;
    return Declared{"extension", "", "", made.name};
  }
  std::optional<Declared> operator()(const sql::AlterTable& altered) const {
    for (const sql::AlterAction& action : altered.actions) {
      if (action.kind == sql::Alter::add_column) return on("column", altered.table.name, action.column.name);
      if (action.kind == sql::Alter::add_constraint)
        return on("constraint", altered.table.name, action.constraint.name);
    }
    return std::nullopt;
  }
  template <class Any>
  std::optional<Declared> operator()(const Any&) const {
    return std::nullopt;
  }
};

}  // namespace

std::string Declared::display() const {
  if (!table.empty()) return kind + " " + name + " of " + sql::display(sql::Name{schema, table});
  return kind + " " + sql::display(sql::Name{schema, name});
}

std::optional<Declared> declared(const std::string& statement) {
  const sql::ParsedFile parsed = sql::parse(statement);
  if (parsed.statements.size() != 1) return std::nullopt;
  std::optional<Declared> out = std::visit(Visitor(), parsed.statements.front().command);
  if (out && out->name.empty()) return std::nullopt;
  return out;
}

std::string name_key(const Declared& object) {
  static const std::set<std::string> relations{"table", "view", "sequence", "index", "enum", "domain", "type"};
  const bool relation = relations.contains(object.kind);  // an index has its name in the schema, not in the table
  return text::join({relation ? "relation" : object.kind, object.schema, relation ? "" : object.table, object.name},
                    "\n");
}

Location place_in(const Places& places, const std::string& statement) {
  const std::optional<Declared> made = declared(statement);
  if (!made) return {};
  const std::string& name = made->table.empty() ? made->name : made->table;
  const std::string key = made->schema.empty() ? name : made->schema + "." + name;
  for (const char* kind : {"table", "view", "sequence", "enum", "role"})
    if (auto found = places.find(std::string(kind) + " " + key); found != places.end()) return found->second;
  return {};
}

bool is_there_already(const Error& error) {
  static const std::set<std::string> duplicate{"42P07", "42710", "42723", "42P06", "42701"};
  return duplicate.contains(error.context.sqlstate);
}

}  // namespace sluice::read
