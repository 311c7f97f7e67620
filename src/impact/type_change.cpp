#include "impact/type_change.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice::impact {

namespace {

struct Cast {
  std::string_view from, to;
  char context, method;
  int first, last;
};

constexpr Cast casts[] = {
#include "impact/casts.inc"
};

// The name that pg_type has: "char" with a length and "bpchar" are one type.
std::string_view storage_name(const sql::TypeName& type) {
  return type.name == "char" ? "bpchar" : std::string_view(type.name);
}

const Cast* find_cast(std::string_view from, std::string_view to, int version) {
  for (const Cast& cast : casts)
    if (cast.from == from && cast.to == to && version >= cast.first && version <= cast.last) return &cast;
  return nullptr;
}

bool is_string(const sql::TypeName& type, int version) {  // pg_type.typcategory 'S'
  if (type.dimensions > 0) return false;
  std::string_view name = storage_name(type);
  if (name == "\"char\"") return version < 15;
  return name == "text" || name == "varchar" || name == "bpchar" || name == "name" || name == "citext";
}

int modifier(const sql::TypeName& type, size_t at) {
  if (type.modifiers.size() <= at) return -1;
  int value = -1;
  std::from_chars(type.modifiers[at].data(), type.modifiers[at].data() + type.modifiers[at].size(), value);
  return value;
}

bool is_temporal(std::string_view name) {
  return name == "timestamp" || name == "timestamptz" || name == "time" || name == "timetz";
}

constexpr int full_range = 0x7FFF, most_fraction_digits = 6;

// The fields of an interval from the largest: the place of the smallest that is kept (year 0 … second 5).
int smallest_field(int mask) {
  constexpr std::array<int, 6> bits = {2, 1, 3, 10, 11, 12};  // YEAR, MONTH, DAY, HOUR, MINUTE, SECOND of datetime.h
  int smallest = 5;
  if (mask < 0 || mask == full_range) return smallest;
  for (size_t i = 0; i < bits.size(); i++)
    if (mask & (1 << bits[i])) smallest = static_cast<int>(i);
  return smallest;
}

// True if values of the same type need no call of the type's length function: the support functions of varchar, varbit,
// numeric, the temporal types and interval. Other types have none.
bool modifier_is_free(const sql::TypeName& from, const sql::TypeName& to) {
  if (to.modifiers.empty() || from.modifiers == to.modifiers) return true;
  const std::string_view name = storage_name(to);
  if (name == "varchar" || name == "varbit") return !from.modifiers.empty() && modifier(from, 0) <= modifier(to, 0);
  if (name == "numeric")
    return !from.modifiers.empty() && modifier(from, 0) <= modifier(to, 0) &&
           std::max(modifier(from, 1), 0) == std::max(modifier(to, 1), 0);
  if (is_temporal(name))
    return modifier(to, 0) >= most_fraction_digits || (!from.modifiers.empty() && modifier(from, 0) <= modifier(to, 0));
  if (name == "interval") {
    const int from_digits = from.modifiers.size() > 1 ? modifier(from, 1) : most_fraction_digits;
    const int to_digits = to.modifiers.size() > 1 ? modifier(to, 1) : most_fraction_digits;
    return smallest_field(modifier(from, 0)) <= smallest_field(modifier(to, 0)) && from_digits <= to_digits;
  }
  return false;
}

// The default btree operator class: types that share one keep their indexes.
std::string operator_class(const sql::TypeName& type) {
  if (type.dimensions > 0) return "array";
  std::string_view name = storage_name(type);
  if (name == "varchar") return "text";
  if (name == "cidr") return "inet";
  return std::string(name);
}

bool has_btree(const sql::TypeName& type) {
  if (type.dimensions > 0) return true;
  for (std::string_view name : {"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"})
    if (type.name == name) return false;
  return true;
}

int width(std::string_view name) {
  return name == "smallint" ? 2 : name == "integer" ? 4 : name == "bigint" ? 8 : name == "oid" ? 4 : 0;
}

bool can_lose(const sql::TypeName& from, const sql::TypeName& to) {
  if (from.dimensions || to.dimensions) return false;
  std::string_view a = storage_name(from), b = storage_name(to);
  const bool fractional = a == "numeric" || a == "real" || a == "double precision" || a == "money";
  if (fractional && width(b)) return true;
  if ((a == "numeric" || a == "double precision") && b == "real") return true;
  if (a == "numeric" && b == "double precision") return true;
  if (b == "numeric" && fractional && !to.modifiers.empty())
    return from.modifiers.empty() || std::max(modifier(from, 1), 0) > std::max(modifier(to, 1), 0);
  if (is_temporal(a) && (b == "date" || b == "time")) return a != b || !modifier_is_free(from, to);
  if ((a == "timestamptz" && b == "timestamp") || (a == "timestamp" && b == "timestamptz")) return false;
  if (is_temporal(a) && is_temporal(b)) return !modifier_is_free(from, to);
  if (b == "name" && a != "name") return true;
  return false;
}

bool can_fail(const sql::TypeName& from, const sql::TypeName& to, int version, bool explicit_cast) {
  std::string_view a = storage_name(from), b = storage_name(to);
  if (is_string(from, version) && !is_string(to, version)) return true;
  if (width(a) && width(b)) return width(b) < width(a) || a == "oid" || b == "oid";
  const bool number = a == "numeric" || a == "real" || a == "double precision" || a == "money";
  if (number && (width(b) || b == "real")) return true;
  if (b == "numeric" && !to.modifiers.empty() && !modifier_is_free(from, to)) return true;
  // An explicit cast cuts a text that is too long; an assignment refuses it.
  if (is_string(to, version) && !to.modifiers.empty() && !explicit_cast)
    return storage_name(from) != b || !modifier_is_free(from, to) || from.modifiers.empty();
  if (b == "cidr" || b == "bit" || b == "varbit") return a != b || !modifier_is_free(from, to);
  if (a == "jsonb" && !is_string(to, version)) return true;
  return b == "jsonb" && a == "json";
}

// A type of the catalog with its schema, whether it was written with it or not.
sql::TypeName named(const ddl::Catalog& catalog, sql::TypeName type) {
  if (const ddl::Type* known = catalog.type({type.schema, type.name})) type.schema = known->name.schema;
  return type;
}

}  // namespace

sql::TypeName base_type(const ddl::Catalog& catalog, const sql::TypeName& type) {
  sql::TypeName out = type;
  for (int depth = 0; depth < 32 && out.dimensions == 0; depth++) {
    const ddl::Type* known = catalog.type({out.schema, out.name});
    if (!known || known->kind != ddl::Type::Kind::domain) break;
    out = known->base;
  }
  return out;
}

bool is_constrained_domain(const ddl::Catalog& catalog, const sql::TypeName& type) {
  sql::TypeName at = type;
  for (int depth = 0; depth < 32 && at.dimensions == 0; depth++) {
    const ddl::Type* known = catalog.type({at.schema, at.name});
    if (!known || known->kind != ddl::Type::Kind::domain) return false;
    if (known->not_null || !known->constraints.empty()) return true;
    at = known->base;
  }
  return false;
}

TypeVerdict judge_type_change(const ddl::Catalog& catalog, const sql::TypeName& from_type, const sql::TypeName& to_type,
                              int version, bool utc) {
  TypeVerdict out;
  const sql::TypeName from = named(catalog, base_type(catalog, from_type)),
                      to = named(catalog, base_type(catalog, to_type));
  const std::string_view a = storage_name(from), b = storage_name(to);
  if (!has_btree(to)) out.unindexable = sql::display(to);
  const bool same = from.schema == to.schema && a == b && (from.dimensions > 0) == (to.dimensions > 0);
  bool relabels = same, converts_zone = false, needs_using = false;
  sql::TypeName arrived = from;  // what the value is before the length is settled
  if (!same) {
    arrived = to;
    arrived.modifiers.clear();
    const bool arrays = from.dimensions > 0 && to.dimensions > 0;
    const Cast* cast = arrays || from.dimensions || to.dimensions || !from.schema.empty() || !to.schema.empty()
                           ? nullptr
                           : find_cast(a, b, version);
    if (arrays) {
      sql::TypeName from_element = from, to_element = to;
      from_element.dimensions = to_element.dimensions = 0;
      TypeVerdict elements = judge_type_change(catalog, from_element, to_element, version, utc);
      if (elements.change == TypeChange::impossible || elements.change == TypeChange::needs_using) {
        out.change = elements.change;
        return out;
      }
      out.can_fail = elements.can_fail;
    } else if (cast) {
      needs_using = cast->context == 'e';
      relabels = cast->method == 'b';
      if (relabels) arrived.modifiers = from.modifiers;
      converts_zone = utc && ((a == "timestamp" && b == "timestamptz") || (a == "timestamptz" && b == "timestamp"));
      // A relabelled value keeps its length where the two types count it alike.
      const bool alike = (a == "varchar" && b == "text") || (a == "bit" && b == "varbit") ||
                         (a == "varbit" && b == "bit") || (a == "text" && b == "varchar") ||
                         (a == "cidr" && b == "inet");
      if (!alike) arrived.modifiers.clear();
      if (a == "bit" || a == "varbit" || a == "text") arrived.modifiers.clear();
    } else if (is_string(to, version)) {
      // any type becomes a text by assignment
    } else if (is_string(from, version)) {
      needs_using = true;
    } else {
      const bool unknown =
          catalog.type({from.schema, from.name}) == nullptr && catalog.type({to.schema, to.name}) == nullptr;
      auto ours = [](const sql::TypeName& type) {
        return type.schema.empty() && std::any_of(std::begin(casts), std::end(casts), [&](const Cast& c) {
                 return c.from == storage_name(type) || c.to == storage_name(type);
               });
      };
      // Types of extensions may have casts of their own.
      out.change = unknown && (!ours(from) || !ours(to)) && from.dimensions == 0 && to.dimensions == 0 && a != "uuid" &&
                           b != "uuid" && a != "bytea" && b != "bytea" && a != "tsvector" && b != "tsvector" &&
                           a != "macaddr" && b != "macaddr"
                       ? TypeChange::rewrite
                       : TypeChange::impossible;
      return out;
    }
  }
  out.can_fail = out.can_fail || can_fail(from, to, version, needs_using);
  out.can_lose = can_lose(from, to);
  if (is_constrained_domain(catalog, to_type)) {
    const sql::TypeName was = named(catalog, from_type), is = named(catalog, to_type);
    const bool was_the_same = was.name == is.name && was.schema == is.schema;
    if (!was_the_same) relabels = converts_zone = false, out.can_fail = true;
  }
  const bool free =
      to.dimensions > 0 ? to.modifiers == arrived.modifiers || to.modifiers.empty() : modifier_is_free(arrived, to);
  if (needs_using)
    out.change = TypeChange::needs_using;
  else if ((!relabels && !converts_zone) || !free)
    out.change = TypeChange::rewrite;
  else
    out.change =
        operator_class(from) == operator_class(to) || !has_btree(from) ? TypeChange::metadata : TypeChange::index;
  return out;
}

}  // namespace sluice::impact
