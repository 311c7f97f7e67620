// All objects of a schema, as what `sluice generate` reads.
#pragma once

#include <span>

#include "sluice/domain.hpp"

namespace sluice::pg {

/// A table or view as plain data.
struct table_definition {
  std::string_view schema, name;
  std::span<const column_info> columns;
  extras more;
  bool is_view = false, is_materialized = false;
  std::string_view sql;  // of a view
};
struct sequence_definition {
  std::string_view schema, name;
  sequence_options options;
};
struct role_options {
  bool create_db = false, create_role = false, inherit = true;
};
struct role_definition {
  std::string_view name;
  role_options options;
};
/// What else can be said of a view.
struct view_options {
  bool materialized = false;
  bool existing = false;    ///< made by somebody else: never created, altered or dropped
  int no_data = -1;         ///< 1: WITH NO DATA, 0: WITH DATA, -1: nothing is said
  std::string_view with{};  ///< "securityInvoker=true,checkOption=local"
  std::string_view tablespace{}, method{};
};
/// A view by its SQL alone, without columns for queries.
struct view_definition {
  std::string_view schema, name, sql;
  view_options options;
};
/// A view that is not queried here: pg_view_as("totals", "select …", {.materialized = true}).
consteval view_definition pg_view_as(std::string_view name, std::string_view sql, view_options options = {},
                                     std::string_view schema = "public") {
  return {schema, name, sql, options};
}
/// A sequence: inline constexpr auto numbers = pg_sequence("numbers", {.start_with = 1000}).
consteval sequence_definition pg_sequence(std::string_view name, sequence_options options = {},
                                          std::string_view schema = "public") {
  return {schema, name, options};
}
/// A role: inline constexpr auto auditor = pg_role("auditor").
consteval role_definition pg_role(std::string_view name, role_options options = {}) { return {name, options}; }

/// All objects of a schema. Enums, domains and PostgreSQL schemas that tables use come by themselves.
struct schema_definition {
  std::vector<table_definition> tables;
  std::vector<const enum_info*> enums;
  std::vector<const domain_info*> domains;
  std::vector<std::string_view> schemas;
  std::vector<sequence_definition> sequences;
  std::vector<role_definition> roles;
  std::vector<view_definition> views;

  template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Alias, class Extras>
  void add(table<Def, Schema, Name, Alias, Extras> t) {
    using I = info<decltype(t)>;
    tables.push_back({I::schema, I::name, I::all, Extras{}(t), false, false, {}});
  }
  template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Sql, bool Materialized>
  void add(table<Def, Schema, Name, "", detail::view_of<Sql, Materialized>> t) {
    using I = info<decltype(t)>;
    tables.push_back({I::schema, I::name, I::all, {}, true, Materialized, Sql.view()});
  }
  template <class E, fixed_string Schema, fixed_string Name, fixed_string... Labels>
  void add(column_function<enum_type<E, Schema, Name, Labels...>>) {
    enums.push_back(&enum_type<E, Schema, Name, Labels...>::enumeration);
  }
  template <fixed_string Schema, auto Spec, auto... Checks>
  void add(column_function<domain_type<Schema, Spec, Checks...>>) {
    domains.push_back(&domain_type<Schema, Spec, Checks...>::domain);
  }
  template <fixed_string Schema>
  void add(pg_schema<Schema>) {
    schemas.push_back(Schema.view());
  }
  void add(sequence_definition s) { sequences.push_back(s); }
  void add(role_definition r) { roles.push_back(r); }
  void add(view_definition v) { views.push_back(v); }
};

/// Tables, views, enums, sequences, roles and PostgreSQL schemas as one.
template <class... Objects>
schema_definition schema(Objects... objects) {
  schema_definition out;
  (out.add(objects), ...);
  return out;
}

/// The schema as drizzle-kit's snapshot, which is what a schema program prints; where it has domains, a form feed and
/// our own file beside the snapshot follow.
std::string snapshot(const schema_definition& schema);
/// For main() of a schema program: prints the snapshot. Gives the exit code.
int print_schema(const schema_definition& schema);

}  // namespace sluice::pg
