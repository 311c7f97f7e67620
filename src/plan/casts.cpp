#include "plan/casts.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.hpp"
#include "plan/numbering.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

namespace {

constexpr std::array integers = {"smallint", "integer", "bigint"};

// One spelling for the types that have several.
std::string canonical(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 16> aliases{
      {{"int", "integer"},
       {"int2", "smallint"},
       {"int4", "integer"},
       {"int8", "bigint"},
       {"bool", "boolean"},
       {"decimal", "numeric"},
       {"float4", "real"},
       {"float8", "double precision"},
       {"character varying", "varchar"},
       {"character", "char"},
       {"bpchar", "char"},
       {"timestamptz", "timestamp with time zone"},
       {"timestamp without time zone", "timestamp"},
       {"timetz", "time with time zone"},
       {"time without time zone", "time"},
       {"varbit", "bit varying"}}};
  std::string base = without_parameters(element_of(type));
  for (const auto& [alias, name] : aliases)
    if (base == alias) return std::string(name);
  // Its fields are parameters: interval day to second.
  return base.starts_with("interval ") ? "interval" : base;
}

template <class List>
bool in(const List& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// Assignment casts exist inside a family, and to text from anything (pg_cast and "I/O conversion casts" in PostgreSQL's
// documentation of CREATE CAST).
bool casts_by_itself(std::string_view from, std::string_view to) {
  if (canonical(from) == canonical(to) || family_of(to) == Family::text) return true;
  return family_of(to) != Family::other && family_of(from) == family_of(to);
}

// "::type", by way of another type where PostgreSQL has no direct cast.
std::string cast(const Column& before, const Column& after, const std::string& type) {
  if (before.type_schema) return "::text::" + type;
  std::string from = canonical(before.type), to = after.type_schema ? "" : canonical(after.type);
  if (family_of(before.type) == Family::text || (!after.type_schema && casts_by_itself(before.type, after.type)))
    return "::" + type;
  if (from == "boolean" && family_of(after.type) == Family::number && !after.type_schema)
    return (to == "integer" ? "::" : "::integer::") + type;
  if (to == "boolean" && family_of(before.type) == Family::number)
    return (from == "integer" ? "::" : "::integer::") + type;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> direct{
      {{"timestamp", "time"},
       {"timestamp with time zone", "time"},
       {"timestamp with time zone", "time with time zone"},
       {"time", "time with time zone"},
       {"time with time zone", "time"},
       {"time", "interval"},
       {"interval", "time"},
       {"inet", "cidr"}}};
  std::pair<std::string_view, std::string_view> pair{from, to};
  if (std::find(direct.begin(), direct.end(), pair) != direct.end() || (from == "cidr" && to == "inet"))
    return "::" + type;
  return "::text::" + type;
}

}  // namespace

std::string without_parameters(std::string_view type) {
  std::string out;
  int depth = 0;
  for (char c : type) {
    if (c == '(') depth++;
    if (depth == 0) out += c;
    if (c == ')') depth--;
  }
  std::string tidy;
  for (const std::string& word : text::split(out, " "))
    if (!word.empty()) tidy += (tidy.empty() ? "" : " ") + word;
  return tidy;
}

std::string_view element_of(std::string_view type) { return type.substr(0, type.find('[')); }
bool is_array(const Column& column) { return column.type.find('[') != std::string::npos; }

Family family_of(std::string_view type) {
  constexpr std::array texts = {"text", "varchar", "char"};
  constexpr std::array numbers = {"smallint",         "integer", "bigint",      "numeric",  "real",
                                  "double precision", "serial",  "smallserial", "bigserial"};
  constexpr std::array times = {"date", "timestamp", "timestamp with time zone"};
  constexpr std::array jsons = {"json", "jsonb"};
  std::string base = canonical(type);
  return in(texts, base)     ? Family::text
         : in(numbers, base) ? Family::number
         : in(times, base)   ? Family::time
         : in(jsons, base)   ? Family::json
                             : Family::other;
}

bool is_soft_change(const Column& before, const Column& after) {
  if (before.type_schema || after.type_schema || is_array(before) != is_array(after)) return false;
  std::string from = canonical(before.type), to = canonical(after.type);
  return from == to || (in(integers, from) && in(integers, to));
}

std::optional<std::string> conversion(const Column& before, const Column& after) {
  std::string name = sql::identifier(after.key.name), type = column_type(after, sql::EnumStyle::qualified);
  bool enums = before.type_schema || after.type_schema;
  if (is_array(before) == is_array(after)) {
    if (!after.type_schema && casts_by_itself(before.type, after.type)) return std::nullopt;
    return name + cast(before, after, type);
  }
  if (is_array(after)) {
    // One value becomes a list of one.
    bool direct = !enums && casts_by_itself(before.type, after.type);
    std::string value = direct || family_of(before.type) == Family::text ? name : name + "::text";
    return "CASE WHEN " + name + " IS NULL THEN NULL ELSE ARRAY[" + value + "]::" + type + " END";
  }
  if (family_of(after.type) == Family::text && !after.type_schema) return "array_to_string(" + name + ", ',')";
  return name + "[1]" + cast(before, after, type);
}

namespace {

// The numbers in the brackets: {10, 2} of numeric(10, 2).
std::vector<int> parameters(std::string_view type) {
  std::vector<int> out;
  const size_t open = type.find('('), close = type.find(')', std::min(open, type.size()));
  if (close == std::string_view::npos) return out;
  for (const std::string& part : text::split(type.substr(open + 1, close - open - 1), ","))
    out.push_back(std::atoi(part.c_str()));
  return out;
}

bool is_clock(std::string_view type) { return type.starts_with("time"); }

// Digits behind the point, of a second or of a number; `all` where the type does not cut any.
int digits(std::string_view type, const std::string& base, int all) {
  const std::vector<int> given = parameters(type);
  if (base == "numeric") return given.empty() ? all : given.size() == 1 ? 0 : given[1];
  return given.empty() ? all : std::min(given[0], all);
}

bool scalar_may_lose(std::string_view before, std::string_view after) {
  const std::string from = canonical(integer_of(std::string(before))), to = canonical(integer_of(std::string(after)));
  constexpr int second = 6, all = 1 << 20;
  if (family_of(after) == Family::text) return false;
  if (from == to || (is_clock(from) && is_clock(to) && from.starts_with("timestamp") == to.starts_with("timestamp"))) {
    if (from == "time with time zone" && to == "time") return true;
    if (from == "interval") return before != after && after != "interval";
    if (is_clock(to)) return digits(after, to, second) < digits(before, from, second);
    return to == "numeric" && digits(after, to, all) < digits(before, from, all);
  }
  if (in(integers, from)) {
    if (to == "real") return from != "smallint";
    if (to == "double precision") return from == "bigint";
    return !in(integers, to) && to != "numeric";
  }
  if (from == "real") return to != "double precision";
  if (from == "boolean") return family_of(after) != Family::number;
  if (from == "date") return !to.starts_with("timestamp");
  return !(from == "time" && to == "interval") && !(from == "jsonb" && to == "json") &&
         !(from == "cidr" && to == "inet") && !(from == "macaddr" && to == "macaddr8") &&
         !(from == "halfvec" && to == "vector") && !(from == "bit" && to == "bit varying");
}

}  // namespace

bool may_lose(const Column& before, const Column& after) {
  if (is_array(before) && !is_array(after)) return true;
  if (after.type_schema || before.type_schema) return false;  // a value that is not in the enum is an error
  return scalar_may_lose(element_of(before.type), element_of(after.type));
}

bool may_fail(const Column& before, const Column& after) {
  if (after.type_schema) return true;
  if (before.type_schema) return false;
  std::string from = canonical(before.type), to = canonical(after.type);
  if (family_of(after.type) == Family::text) {
    auto limit = [](const std::string& type) {
      size_t bracket = type.find('(');
      return bracket == std::string::npos ? std::string::npos
                                          : static_cast<size_t>(std::atol(type.c_str() + bracket + 1));
    };
    return limit(after.type) != std::string::npos &&
           (family_of(before.type) != Family::text || limit(after.type) < limit(before.type));
  }
  auto rank = [](const std::string& type) {
    return std::find(integers.begin(), integers.end(), type) - integers.begin();
  };
  if (in(integers, to) && (in(integers, from) || from == "numeric")) return rank(to) < rank(from);
  if (from == "boolean" || to == "boolean")
    return from != to && family_of(before.type) != Family::number && to == "boolean";
  return from != to && family_of(before.type) != family_of(after.type);
}

}  // namespace sluice::plan
