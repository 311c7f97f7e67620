#include "write/cpp_columns.hpp"

#include <optional>

#include "base/text.hpp"
#include "sql/quote.hpp"

namespace sluice::write {

using namespace model;

namespace {

// "timestamp (3) with time zone" → "timestamp with time zone", "3".
struct Parsed {
  std::string name, parameters;
};
Parsed parsed(const std::string& type) {
  size_t open = type.find('('), close = type.find(')', open);
  if (open == std::string::npos || close == std::string::npos) return {type, ""};
  std::string before(text::trim(type.substr(0, open))), after(text::trim(type.substr(close + 1)));
  return {after.empty() ? before : before + " " + after, type.substr(open + 1, close - open - 1)};
}

bool is_number_list(const std::string& s) { return s.find_first_not_of("0123456789, ") == std::string::npos; }

const std::map<std::string, std::string>& functions() {
  static const std::map<std::string, std::string> all{{"smallint", "smallint"},
                                                      {"integer", "integer"},
                                                      {"bigint", "bigint"},
                                                      {"smallserial", "smallserial"},
                                                      {"serial", "serial"},
                                                      {"bigserial", "bigserial"},
                                                      {"real", "real"},
                                                      {"double precision", "double_precision"},
                                                      {"numeric", "numeric"},
                                                      {"boolean", "boolean"},
                                                      {"text", "text"},
                                                      {"varchar", "varchar"},
                                                      {"char", "char_"},
                                                      {"uuid", "uuid"},
                                                      {"timestamp", "timestamp"},
                                                      {"timestamp with time zone", "timestamptz"},
                                                      {"date", "date"},
                                                      {"time", "sluice::pg::time"},
                                                      {"time with time zone", "timetz"},
                                                      {"json", "json"},
                                                      {"jsonb", "jsonb"},
                                                      {"bytea", "bytea"},
                                                      {"inet", "inet"},
                                                      {"cidr", "cidr"},
                                                      {"macaddr", "macaddr"},
                                                      {"macaddr8", "macaddr8"},
                                                      {"point", "point"},
                                                      {"line", "line"},
                                                      {"bit", "bit"},
                                                      {"vector", "vector"},
                                                      {"halfvec", "halfvec"},
                                                      {"sparsevec", "sparsevec"},
                                                      {"interval", "interval"}};
  return all;
}

// varchar("email", 255), without a list's brackets.
std::string begin(const Column& column, const std::string& type, CppNames& names, CustomTypes& custom) {
  std::string name = cpp_string(column.key.name);
  if (column.type_schema) {
    auto found = names.objects.find({*column.type_schema, "", type});
    if (found != names.objects.end()) return found->second + "(" + name + ")";
  }
  if (auto found = names.domains.find(type); found != names.domains.end() && !column.type_schema)
    return found->second + "(" + name + ")";
  if (type == "geometry(point)") return "geometry(" + name + ")";
  Parsed p = parsed(type);
  if (auto found = functions().find(p.name);
      found != functions().end() && is_number_list(p.parameters) && !column.type_schema) {
    if (p.parameters.empty()) return found->second + "(" + name + ")";
    std::string before = p.name == "interval" ? "fields::all, " : "";
    return found->second + "(" + name + ", " + before + p.parameters + ")";
  }
  if (type.starts_with("interval ") && is_number_list(p.parameters)) {
    std::string fields = text::replace_all(p.name.substr(9), " ", "_");
    return "interval(" + name + ", fields::" + fields + (p.parameters.empty() ? "" : ", " + p.parameters) + ")";
  }
  std::string sql = column.type_schema ? sql::qualified(*column.type_schema, type) : type;
  auto made = custom.find(sql);
  if (made == custom.end()) made = custom.emplace(sql, names.scope.take(cpp_type_name(p.name), "Type")).first;
  return "custom_type<" + made->second + ">(" + name + ")";
}

// 'it''s' → it's; nothing if it is anything else.
std::optional<std::string> unquoted(const std::string& s) {
  if (s.size() < 2 || s.front() != '\'' || s.back() != '\'') return std::nullopt;
  std::string out;
  for (size_t i = 1; i + 1 < s.size(); i++) {
    if (s[i] == '\'' && (i + 2 >= s.size() || s[++i] != '\'')) return std::nullopt;
    out += s[i];
  }
  return out;
}

bool is_whole(const std::string& s) {
  size_t sign = s.starts_with('-') ? 1 : 0;
  return s.size() > sign && s.size() < 18 && s.find_first_not_of("0123456789", sign) == std::string::npos &&
         (s[sign] != '0' || s == "0");
}

std::string default_call(const Column& column, const std::string& type, bool is_list, const CppNames& names) {
  const std::string& value = column.default_value->text;
  std::string base = parsed(type).name;
  if (is_list) return value == "'{}'" ? ".default_empty()" : ".default_sql(" + cpp_string(value) + ")";
  bool is_time = base == "date" || base.starts_with("time");
  if (value == "now()" && is_time) return ".default_now()";
  if (value == "gen_random_uuid()" && base == "uuid") return ".default_random()";
  if ((value == "true" || value == "false") && base == "boolean") return ".default_value(" + value + ")";
  if (is_whole(value) && (base == "integer" || base == "bigint" || base == "smallint"))
    return ".default_value(" + value + ")";
  if (auto content = unquoted(value)) {
    if (column.type_schema) {
      Key key{*column.type_schema, "", type};
      auto labels = names.labels.find(key);
      if (labels != names.labels.end())
        if (auto label = labels->second.find(*content); label != labels->second.end())
          return ".default_value(" + names.types.at(key) + "::" + label->second + ")";
    } else if (base == "text" || base == "varchar" || base == "char") {
      return ".default_value(" + cpp_string(*content) + ")";
    }
  }
  return ".default_sql(" + cpp_string(value) + ")";
}

// What a C++ value of the type is; enough to compare.
std::string value_of(const Column& column) {
  std::string base = parsed(column.type).name;
  if (column.type_schema) return *column.type_schema + "." + column.type;
  if (base == "serial" || base == "integer") return "32";
  if (base == "bigserial" || base == "bigint") return "64";
  if (base == "smallserial" || base == "smallint") return "16";
  if (base == "varchar" || base == "char") return "text";
  return base;
}

}  // namespace

bool same_cpp_type(const Column& a, const Column& b) { return value_of(a) == value_of(b); }

std::string cpp_sequence_options(const SequenceOptions& options, const std::string& type) {
  bool descending = options.increment.starts_with('-');
  std::string highest = type == "integer" ? "2147483647" : type == "smallint" ? "32767" : "9223372036854775807";
  std::string min = !descending ? "1" : type.empty() ? "-9223372036854775808" : "-32768";
  std::string max = descending ? "-1" : highest;
  std::vector<std::string> out;
  auto say = [&](const char* name, const std::string& value, const std::string& otherwise) {
    // The lowest number has no literal; it stands for what is not said, and is the default wherever it can be.
    if (value != otherwise && value != "-9223372036854775808") out.push_back(std::string(".") + name + " = " + value);
  };
  say("start_with", options.start, descending ? options.max : options.min);
  say("increment", options.increment, "1");
  say("min_value", options.min, min);
  say("max_value", options.max, max);
  say("cache", options.cache, "1");
  if (options.cycle) out.emplace_back(".cycle = true");
  return out.empty() ? "" : "{" + text::join(out, ", ") + "}";
}

std::string cpp_column(const Column& column, CppNames& names, CustomTypes& custom) {
  size_t list = column.type.find('[');
  std::string type = column.type.substr(0, list);
  std::string out = begin(column, type, names, custom);
  for (size_t at = list; at != std::string::npos; at = column.type.find('[', at + 1)) {
    std::string size = column.type.substr(at + 1, column.type.find(']', at) - at - 1);
    out += size.empty() ? ".array()" : ".array<" + size + ">()";
  }
  if (column.default_value) out += default_call(column, type, list != std::string::npos, names);
  if (column.generated) out += ".generated_always_as(" + cpp_string(column.generated->expression) + ")";
  if (column.identity) {
    const Identity& identity = *column.identity;
    out += identity.type == "always" ? ".generated_always_as_identity(" : ".generated_by_default_as_identity(";
    std::string options = cpp_sequence_options(identity.options, type);
    bool plain = identity.name == column.key.table + "_" + column.key.name + "_seq";
    out += options.empty() && !plain ? "{}" : options;
    if (!plain) out += ", " + cpp_string(identity.name);
    out += ")";
  }
  bool implied = column.primary_key || column.identity || type.ends_with("serial");
  if (column.not_null && !implied) out += ".not_null()";
  if (column.primary_key) out += ".primary_key()";
  return out;
}

}  // namespace sluice::write
