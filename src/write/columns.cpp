#include "write/columns.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "sql/quote.hpp"

namespace sluice::write {

using namespace model;

namespace {

struct Type {
  std::string name;                  // varchar
  std::vector<std::string> numbers;  // 20
  std::string rest;                  // " with time zone"
};

Type parsed(const std::string& type) {
  Type out{type, {}, ""};
  size_t open = type.find('('), close = type.find(')');
  if (open != std::string::npos && close != std::string::npos && open < close) {
    out.name = std::string(text::trim(type.substr(0, open)));
    for (const std::string& number : text::split(type.substr(open + 1, close - open - 1), ","))
      out.numbers.emplace_back(text::trim(number));
    out.rest = type.substr(close + 1);
  }
  return out;
}

// "varchar" and what stands in its brackets: { length: 20 }
struct Builder {
  std::string call;
  std::vector<std::string> options;
};

std::optional<Builder> time_builder(const std::string& type) {
  for (const char* name : {"timestamp", "time"}) {
    Type parts = parsed(type);
    std::string zone = " with time zone";
    bool zoned = type.ends_with(zone);
    std::string plain = zoned ? type.substr(0, type.size() - zone.size()) : type;
    parts = parsed(plain);
    if (parts.name != name || !parts.rest.empty() || parts.numbers.size() > 1) continue;
    Builder out{name, {}};
    if (!parts.numbers.empty()) out.options.push_back("precision: " + parts.numbers[0]);
    if (zoned) out.options.emplace_back("withTimezone: true");
    if (out.call == "timestamp") out.options.emplace_back("mode: \"string\"");
    return out;
  }
  return std::nullopt;
}

std::optional<Builder> interval_builder(const std::string& type) {
  if (type != "interval" && !type.starts_with("interval ") && !type.starts_with("interval(")) return std::nullopt;
  Builder out{"interval", {}};
  size_t open = type.find('(');
  std::string fields(text::trim(type.substr(8, open == std::string::npos ? open : open - 8)));
  if (!fields.empty()) out.options.push_back("fields: " + in_quotes(fields));
  if (open != std::string::npos)
    out.options.push_back("precision: " + type.substr(open + 1, type.find(')') - open - 1));
  return out;
}

// Nothing for types that drizzle has no builder for.
std::optional<Builder> builder_of(const std::string& type) {
  for (const char* name :
       {"integer", "smallint", "serial", "smallserial", "boolean", "text", "varchar", "char",     "numeric", "real",
        "json",    "jsonb",    "uuid",   "date",        "inet",    "cidr", "macaddr", "macaddr8", "point",   "line"})
    if (type == name) return Builder{name, {}};
  if (type == "bigint" || type == "bigserial") return Builder{type, {"mode: \"number\""}};
  if (type == "double precision") return Builder{"doublePrecision", {}};
  if (type == "geometry(point)") return Builder{"geometry", {"type: \"point\""}};
  if (auto time = time_builder(type)) return time;
  if (auto interval = interval_builder(type)) return interval;
  Type parts = parsed(type);
  if (!parts.rest.empty() || parts.numbers.empty()) return std::nullopt;
  if ((parts.name == "varchar" || parts.name == "char") && parts.numbers.size() == 1)
    return Builder{parts.name, {"length: " + parts.numbers[0]}};
  if (parts.name == "numeric") {
    Builder out{"numeric", {"precision: " + parts.numbers[0]}};
    if (parts.numbers.size() > 1) out.options.push_back("scale: " + parts.numbers[1]);
    return out;
  }
  for (const char* name : {"bit", "vector", "halfvec", "sparsevec"})
    if (parts.name == name && parts.numbers.size() == 1) return Builder{name, {"dimensions: " + parts.numbers[0]}};
  return std::nullopt;
}

// The value of 'text' as SQL has it; nothing if the text is anything else.
std::optional<std::string> unquoted(const std::string& sql) {
  if (sql.size() < 2 || sql.front() != '\'' || sql.back() != '\'') return std::nullopt;
  std::string out;
  for (size_t i = 1; i + 1 < sql.size(); i++) {
    if (sql[i] == '\'') {
      if (sql[i + 1] != '\'' || i + 2 >= sql.size()) return std::nullopt;
      i++;
    }
    out += sql[i];
  }
  return out;
}

// The inside of a literal of JSON or a list: drizzle doubles quotes there only where all stand in pairs.
std::string loosely_unquoted(const std::string& inner) {
  bool all_even = inner.find('\'') != std::string::npos;
  for (size_t at = inner.find('\''); at != std::string::npos;) {
    size_t end = inner.find_first_not_of('\'', at);
    if (end == std::string::npos) end = inner.size();
    if ((end - at) % 2 == 1) all_even = false;
    at = inner.find('\'', end);
  }
  return all_even ? text::replace_all(inner, "''", "'") : inner;
}

// JavaScript puts keys that are numbers first, and prints some numbers in another way.
bool same_in_javascript(const nlohmann::ordered_json& json) {
  if (json.is_number_float()) return false;
  if (json.is_number_integer()) return json.dump().size() < 16;
  if (!json.is_structured()) return true;
  for (const auto& item : json.items()) {
    if (json.is_object() && (item.key().empty() || item.key() == "__proto__" ||
                             item.key().find_first_not_of("0123456789") == std::string::npos))
      return false;
    if (!same_in_javascript(item.value())) return false;
  }
  return true;
}

// The default of a JSON column as SQL that runs, and, where there is one, as a value of JavaScript.
std::string json_default(const std::string& text, const std::string& type, Imports& imports) {
  std::string cast = "::" + type;
  if (!text.starts_with('\'') || !text.ends_with("'" + cast)) return imports.template_of(text);
  std::string value = loosely_unquoted(text.substr(1, text.size() - cast.size() - 2));
  auto json = nlohmann::ordered_json::parse(value, nullptr, false);
  if (!json.is_discarded() && json.is_structured() && json.dump() == value && same_in_javascript(json)) return value;
  return imports.template_of(sql::literal(value) + cast);
}

std::string list_default(const std::string& text, const std::string& element, bool is_enum, Imports& imports) {
  if (text.size() < 4 || !text.starts_with("'{") || !text.ends_with("}'"))
    return text == "'{}'" ? "[]" : imports.template_of(text);
  // drizzle-kit does not escape what stands in a list of values.
  if (text.find('\\') != std::string::npos) return imports.template_of(text);
  std::string value = loosely_unquoted(text.substr(1, text.size() - 2)), out;
  constexpr const char* plain[] = {"text",     "varchar", "char",    "uuid",    "date", "integer",
                                   "smallint", "bigint",  "boolean", "numeric", "inet", "cidr"};
  std::string base = parsed(element).name;
  bool known = is_enum;
  for (const char* name : plain) known = known || base == name;
  bool inside = false;
  size_t digits = 0;  // JavaScript rounds numbers of more than 15
  for (size_t i = 0; i < value.size() && known; i++) {
    char c = value[i];
    digits = !inside && c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 15) known = false;
    if (static_cast<unsigned char>(c) < 0x20) known = false;
    if (c == '"') inside = !inside;
    if (inside && c == '\\') {
      out += c;
      c = value[++i];
    } else if (!inside && c == '{') {
      c = '[';
    } else if (!inside && c == '}') {
      c = ']';
    } else if (!inside && c == 'N') {
      known = false;  // NULL
    }
    out += c;
    if (!inside && c == ',') out += ' ';
  }
  return known ? out : imports.template_of(sql::literal(value));
}

std::string default_call(const Column& column, Imports& imports) {
  const Literal& literal = *column.default_value;
  size_t list = column.type.find('[');
  std::string type = column.type.substr(0, list), base = parsed(type).name;
  auto with = [](const std::string& value) { return ".default(" + value + ")"; };
  if (!literal.is_string) return with(literal.text);
  if (list != std::string::npos) return with(list_default(literal.text, type, column.type_schema.has_value(), imports));
  bool is_time = type == "date" || time_builder(type).has_value();
  if (literal.text == "now()" && is_time) return ".defaultNow()";
  if (literal.text == "gen_random_uuid()" && type == "uuid") return ".defaultRandom()";
  if (type == "json" || type == "jsonb") return with(json_default(literal.text, type, imports));
  constexpr const char* texts[] = {"text", "varchar", "char",     "uuid",     "numeric", "inet",
                                   "cidr", "macaddr", "macaddr8", "interval", "bit"};
  bool is_text = is_time || column.type_schema || interval_builder(type);
  for (const char* name : texts) is_text = is_text || base == name;
  if (std::optional<std::string> value = is_text ? unquoted(literal.text) : std::nullopt)
    return with(in_quotes(*value));
  return with(imports.template_of(literal.text));
}

std::string highest_of(const std::string& type) {
  return type == "integer" ? "2147483647" : type == "smallint" ? "32767" : "9223372036854775807";
}

std::string number_or_text(const std::string& number) { return number.size() < 16 ? number : in_quotes(number); }

}  // namespace

std::string sequence_options(const SequenceOptions& options, const std::string& type, const std::string& name) {
  bool descending = options.increment.starts_with('-');
  // drizzle's lowest value does not follow the type of an identity column.
  std::string lowest = type.empty() ? "-9223372036854775808" : "-32768";
  std::string min = descending ? lowest : "1", max = descending ? "-1" : highest_of(type);
  std::vector<std::string> out;
  if (!name.empty()) out.push_back("name: " + in_quotes(name));
  if (options.start != (descending ? options.max : options.min))
    out.push_back("startWith: " + number_or_text(options.start));
  if (options.increment != "1") out.push_back("increment: " + number_or_text(options.increment));
  if (options.min != min) out.push_back("minValue: " + number_or_text(options.min));
  if (options.max != max) out.push_back("maxValue: " + number_or_text(options.max));
  if (options.cache != "1") out.push_back("cache: " + number_or_text(options.cache));
  if (options.cycle) out.emplace_back("cycle: true");
  return out.empty() ? "" : "{ " + text::join(out, ", ") + " }";
}

std::string column_builder(const Column& column, const std::string& key, Names& names, Imports& imports,
                           const TypeScriptOptions& options) {
  size_t list = column.type.find('[');
  std::string type = column.type.substr(0, list);
  std::string name = key == column.key.name && !options.say_all_names ? "" : in_quotes(column.key.name);
  std::string out;
  auto found = column.type_schema ? names.enums.find({*column.type_schema, "", type}) : names.enums.end();
  std::optional<Builder> builder = column.type_schema ? std::nullopt : builder_of(type);
  if (found != names.enums.end()) {
    out = found->second + "(" + name + ")";
  } else if (builder) {
    std::string given = builder->options.empty() ? "" : "{ " + text::join(builder->options, ", ") + " }";
    out = imports.use(builder->call) + "(" + name + (!name.empty() && !given.empty() ? ", " : "") + given + ")";
  } else {
    // A type of the database that drizzle does not know; an enum of a schema that was not read is one too.
    std::string sql = column.type_schema ? sql::qualified(*column.type_schema, type) : type;
    auto made = names.types.find(sql);
    if (made == names.types.end())
      made = names.types.emplace(sql, names.exports.take(camel_case(parsed(type).name), "Type")).first;
    imports.use("customType");
    out = made->second + "(" + name + ")";
  }
  if (options.drizzle_1 && list != std::string::npos) {
    const std::string brackets = column.type.substr(list);
    out += brackets == "[]" ? ".array()" : ".array(" + in_quotes(brackets) + ")";
    list = std::string::npos;
  }
  for (size_t at = list; at != std::string::npos; at = column.type.find('[', at + 1)) {
    std::string size = column.type.substr(at + 1, column.type.find(']', at) - at - 1);
    out += ".array(" + size + ")";
  }
  if (column.default_value) out += default_call(column, imports);
  if (column.generated) out += ".generatedAlwaysAs(" + imports.template_of(column.generated->expression) + ")";
  if (column.identity) {
    const Identity& identity = *column.identity;
    bool plain = identity.name == column.key.table + "_" + column.key.name + "_seq";
    out += identity.type == "always" ? ".generatedAlwaysAsIdentity(" : ".generatedByDefaultAsIdentity(";
    out += sequence_options(identity.options, type, plain ? "" : identity.name) + ")";
  }
  bool implied = column.primary_key || column.identity || type.ends_with("serial");
  if (column.not_null && !implied) out += ".notNull()";
  if (column.primary_key) out += ".primaryKey()";
  return out;
}

}  // namespace sluice::write
