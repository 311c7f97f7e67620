#include "write/names.hpp"

#include <cctype>

namespace sluice::write {

using namespace model;

namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string camel_case(const std::string& name) {
  bool shouted = name.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
  std::string out;
  bool next_word = false;
  for (char given : name) {
    char c = shouted ? static_cast<char>(std::tolower(static_cast<unsigned char>(given))) : given;
    if (!is_digit(c) && (!is_letter(c) || c == '_')) {
      next_word = !out.empty();
      continue;
    }
    if (out.empty()) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    out += next_word ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    next_word = false;
  }
  if (out.empty() || is_digit(out[0])) out = "_" + out;
  return out;
}

std::string preserved(const std::string& name) {
  std::string out;
  for (char c : name) out += is_letter(c) || is_digit(c) ? c : '_';
  if (out.empty() || is_digit(out[0])) out = "_" + out;
  return out;
}

bool is_identifier(const std::string& name) {
  if (name.empty() || is_digit(name[0])) return false;
  for (char c : name)
    if (!is_letter(c) && !is_digit(c)) return false;
  return true;
}

std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          constexpr const char* digits = "0123456789abcdef";
          out += std::string("\\x") + digits[(c >> 4) & 15] + digits[c & 15];
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

std::string sql_template(const std::string& text) {
  std::string out = "sql`";
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (c == '\r') {  // a template would make it a newline
      out += "\\r";
      continue;
    }
    if (c == '`' || c == '\\' || (c == '$' && i + 1 < text.size() && text[i + 1] == '{')) out += '\\';
    out += c;
  }
  return out + "`";
}

std::string member(const std::string& object, const std::string& key) {
  return is_identifier(key) ? object + "." + key : object + "[" + in_quotes(key) + "]";
}

std::string property(const std::string& key) { return is_identifier(key) ? key : in_quotes(key); }

std::string Scope::take(const std::string& wanted, const std::string& suffix) {
  std::string name = wanted;
  if (taken_.contains(name) && !suffix.empty()) name = wanted + suffix;
  for (int i = 2; taken_.contains(name); i++) name = wanted + suffix + std::to_string(i);
  taken_.insert(name);
  return name;
}

const std::set<std::string>& reserved_names() {
  static const std::set<std::string> names{
      "AnyPgColumn", "bigint", "bigserial", "bit", "boolean", "char", "check", "cidr", "customType", "date",
      "doublePrecision", "foreignKey", "geometry", "halfvec", "index", "inet", "integer", "interval", "json", "jsonb",
      "line", "macaddr", "macaddr8", "numeric", "pgEnum", "pgMaterializedView", "pgPolicy", "pgRole", "pgSchema",
      "pgSequence", "pgTable", "pgView", "point", "primaryKey", "real", "relations", "serial", "smallint",
      "smallserial", "sparsevec", "sql", "table", "text", "time", "timestamp", "unique", "uniqueIndex", "uuid",
      "varchar", "vector",
      // of the language
      "abstract", "any", "arguments", "as", "async", "await", "break", "case", "catch", "class", "const", "continue",
      "debugger", "declare", "default", "delete", "do", "else", "enum", "eval", "export", "extends", "false", "finally",
      "for", "from", "function", "get", "if", "implements", "import", "in", "instanceof", "interface", "let", "module",
      "namespace", "never", "new", "null", "number", "object", "of", "package", "private", "protected", "public",
      "require", "return", "set", "static", "string", "super", "switch", "symbol", "this", "throw", "true", "try",
      "type", "typeof", "undefined", "unknown", "var", "void", "while", "with", "yield", "exports", "global",
      "globalThis", "process", "NaN", "Infinity", "Object", "Symbol", "__proto__"};
  return names;
}

std::string Names::made(const std::string& name) const { return keep_ ? preserved(name) : camel_case(name); }

Names::Names(const Schema& schema, bool keep) : exports(reserved_names()), keep_(keep) {
  auto in_schema = [&](const Key& key) {
    std::string name = made(key.name);
    if (key.schema == "public") return name;
    std::string of = camel_case(key.schema);
    of[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(of[0])));
    return name + "In" + of;  // drizzle-kit's way
  };
  // Order matters: tables are what people write most, so they get their names first.
  for (const Table& table : all<Table>(schema)) tables[table.key] = exports.take(in_schema(table.key), "Table");
  for (const View& view : all<View>(schema)) views[view.key] = exports.take(in_schema(view.key), "View");
  for (const Enum& object : all<Enum>(schema)) enums[object.key] = exports.take(in_schema(object.key), "Enum");
  for (const Namespace& object : all<Namespace>(schema))
    schemas[object.key.name] = exports.take(made(object.key.name), "Schema");
  for (const Sequence& object : all<Sequence>(schema))
    sequences[object.key] = exports.take(in_schema(object.key), "Sequence");
  for (const Role& role : all<Role>(schema)) roles[role.key.name] = exports.take(made(role.key.name), "Role");
  std::map<Key, Scope> scopes;
  auto add_column = [&](const Column& column) {
    Scope& scope = scopes
                       .try_emplace(column.key.owner(), std::set<std::string>{"__proto__", "_", "$inferSelect",
                                                                              "$inferInsert", "getSQL", "enableRLS"})
                       .first->second;
    columns[column.key] = scope.take(made(column.key.name), "Column");
  };
  for (const Column& column : all<Column>(schema)) add_column(column);
  for (const View& view : all<View>(schema))
    for (const Column& column : view.columns) add_column(column);
}

std::string Names::column(const Key& table, const std::string& name) const {
  auto found = columns.find({table.schema, table.name, name});
  return found == columns.end() ? name : found->second;
}

}  // namespace sluice::write
