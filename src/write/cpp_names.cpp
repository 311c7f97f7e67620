#include "write/cpp_names.hpp"

#include <cctype>

namespace sluice::write {

using namespace model;

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 && static_cast<unsigned char>(c) < 128; }

// The language's words, and what sluice::pg calls its functions: a member of that name would hide it.
const std::set<std::string>& taken() {
  static const std::set<std::string> names{
      "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
      "class", "compl", "concept", "const", "consteval", "constexpr", "constinit", "continue", "co_await", "co_return",
      "co_yield", "decltype", "default", "delete", "do", "double", "else", "enum", "explicit", "export", "extern",
      "false", "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new",
      "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq", "private", "protected", "public", "register",
      "requires", "return", "short", "signed", "sizeof", "static", "struct", "switch", "template", "this", "throw",
      "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void", "volatile",
      "while", "xor", "xor_eq", "errno", "NULL", "EOF", "linux", "unix", "assert", "stdin", "stdout", "stderr",
      // of sluice::pg
      "M", "alias", "always", "avg", "between", "bigint", "bigserial", "bit", "boolean", "bytea", "cast", "char_",
      "check", "cidr", "coalesce", "col", "column", "column_of", "concat", "condition", "count", "custom_type", "date",
      "domain_check", "double_precision", "enable_row_security", "excluded", "exists", "expr", "fields", "foreign_key",
      "geometry", "halfvec", "in", "index", "inet", "info", "integer", "interval", "isolation", "json", "jsonb", "key",
      "length", "like", "line", "list", "lower", "macaddr", "macaddr8", "many", "max", "min", "named", "new_row", "now",
      "numeric", "on_delete", "on_update", "one", "outer", "parameter", "pg_domain", "pg_domain_in", "pg_enum",
      "pg_role", "pg_schema", "pg_sequence", "pg_table", "pg_view", "pg_view_as", "placeholder", "point", "policy",
      "position", "prepared", "primary_key", "real", "relation", "result", "row", "scalar", "schema", "serial",
      "sluice", "smallint", "smallserial", "sparsevec", "sql", "sql_text", "std", "sum", "table", "tables", "text",
      "time", "timestamp", "timestamptz", "timetz", "truth", "type", "unique", "unique_index", "unsaid", "upper",
      "uuid", "val", "varchar", "vector"};
  return names;
}

}  // namespace

std::string cpp_string(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += '\\';
      for (int shift = 6; shift >= 0; shift -= 3) out += static_cast<char>('0' + ((c >> shift) & 7));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string cpp_identifier(const std::string& name) {
  std::string out;
  for (char c : name) {
    if (is_word(c))
      out += c;
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (out.ends_with('_')) out.pop_back();
  if (out.empty()) out = "unnamed";
  if (std::isdigit(static_cast<unsigned char>(out.front())) != 0) out.insert(0, "n");
  return out;
}

std::string cpp_type_name(const std::string& name) {
  std::string out;
  bool start = true;
  for (char c : cpp_identifier(name)) {
    if (c != '_') out += start ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    start = c == '_';
  }
  return out;
}

CppNames::CppNames(const Schema& schema) : scope(taken()) {
  auto full = [](const Key& key) { return key.schema == "public" ? key.name : key.schema + "_" + key.name; };
  auto add = [&](const Key& key, bool with_type, const std::string& suffix) {
    objects[key] = scope.take(cpp_identifier(full(key)), suffix);
    if (with_type) types[key] = scope.take(cpp_type_name(full(key)), "Row");
  };
  for (const Table& table : all<Table>(schema)) add(table.key, true, "_table");
  for (const View& view : all<View>(schema)) add(view.key, true, "_view");
  for (const Namespace& object : all<Namespace>(schema))
    schemas[object.key.name] = scope.take(cpp_identifier(object.key.name), "_schema");
  for (const Enum& object : all<Enum>(schema)) {
    add(object.key, true, "_enum");
    Scope inside(taken());
    for (const std::string& label : object.values) labels[object.key][label] = inside.take(cpp_identifier(label), "_");
  }
  for (const Domain& object : all<Domain>(schema)) add(object.key, false, "_domain");
  for (const Sequence& object : all<Sequence>(schema)) add(object.key, false, "_sequence");
  for (const Role& role : all<Role>(schema)) roles[role.key.name] = scope.take(cpp_identifier(role.key.name), "_role");
  // A member may not be called as what its declaration uses: enums of the schema, tables that it refers to.
  std::set<std::string> outside = taken();
  for (const auto& [key, name] : objects) outside.insert(name);
  for (const auto& [name, variable] : schemas) outside.insert(variable);
  std::map<Key, Scope> scopes;
  auto add_column = [&](const Column& column) {
    Scope& inside = scopes.try_emplace(column.key.owner(), outside).first->second;
    columns[column.key] = inside.take(cpp_identifier(column.key.name), "_");
  };
  for (const Column& column : all<Column>(schema)) add_column(column);
  for (const View& view : all<View>(schema))
    for (const Column& column : view.columns) add_column(column);
}

}  // namespace sluice::write
