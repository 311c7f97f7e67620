// Domains: a type with a default, NOT NULL and checks of its own, declared as a column is.
//
//   inline constexpr auto email = pg_domain<varchar("email", 320), domain_check("email_check", "value ~ '@'")>;
//   col<M, email("email").not_null()> email;
#pragma once

#include "sluice/table.hpp"

namespace sluice::pg {

/// A check of a domain; in its SQL the value is called value.
template <std::size_t N, std::size_t E>
struct domain_check {
  fixed_string<N> name;
  fixed_string<E> expression;
  /// Its name and its SQL: domain_check("email_check", "value ~ '@'").
  consteval domain_check(const char (&name_of_check)[N], const char (&sql)[E]) : name(name_of_check), expression(sql) {}
};

/// What is known of a domain.
struct domain_info {
  struct check {
    std::string_view name, expression;
  };
  std::string_view schema;
  column_info type;  // its name, type, default and NOT NULL
  const check* checks;
  std::size_t count;
};

namespace detail {
constexpr bool is_plain_name(std::string_view name) {
  for (char c : name)
    if ((c < 'a' || c > 'z') && c != '_' && (c < '0' || c > '9')) return false;
  return !name.empty() && (name[0] < '0' || name[0] > '9');
}
// app.email, or email alone in public: as the server writes the type of a column.
template <fixed_string Schema, auto Spec>
struct domain_name {
  static constexpr bool is_public = Schema.view() == "public";
  static constexpr std::size_t size = Spec.name.view().size() + (is_public ? 0 : Schema.view().size() + 1);
  static constexpr std::array<char, size> text = [] {
    std::array<char, size> out{};
    auto at = out.begin();
    if constexpr (!is_public) {
      at = std::copy(Schema.view().begin(), Schema.view().end(), at);
      *at++ = '.';
    }
    std::copy(Spec.name.view().begin(), Spec.name.view().end(), at);
    return out;
  }();
};
template <fixed_string Schema, auto Spec>
constexpr bool check_domain() {
  using S = std::remove_const_t<decltype(Spec)>;
  SLUICE_CHECK(is_plain_name(Schema.view()) && is_plain_name(Spec.name.view()), Spec.name,
               "the name of a domain and of its schema are made of a to z, 0 to 9 and _");
  constexpr bool is_key = Spec.is_primary_key || Spec.is_unique || S::has_reference;
  constexpr bool is_made = S::is_generated || S::is_identity || is_serial<typename S::pg_type>;
  SLUICE_CHECK(!is_key && !is_made, Spec.name,
               "a domain has a type, a default, NOT NULL and checks; keys and the like are of the column");
  return true;
}
template <auto Spec>
struct domain_base {
  using pg_type = typename decltype(Spec)::pg_type;
  static constexpr auto& spec = Spec;
};
}  // namespace detail

/// The type of a column of a domain; its C++ value is that of the type below it.
template <fixed_string Schema, auto Spec, auto... Checks>
struct domain_type : decltype(Spec)::pg_type {
  using name_text = detail::domain_name<Schema, Spec>;
  static constexpr std::string_view sql{name_text::text.data(), name_text::size};
  static constexpr std::array<domain_info::check, sizeof...(Checks)> checks{
      domain_info::check{Checks.name.view(), Checks.expression.view()}...};
  static constexpr domain_info domain{Schema.view(), detail::info_of<detail::domain_base<Spec>>(), checks.data(),
                                      sizeof...(Checks)};

  static_assert(detail::check_domain<Schema, Spec>());
};

/// pg_domain<text("email").not_null(), domain_check("email_check", "value ~ '@'")>; columns are then email("email").
template <auto Spec, auto... Checks>
inline constexpr column_function<domain_type<"public", Spec, Checks...>> pg_domain;
/// The same in another schema: pg_domain_in<"app", text("email")>.
template <fixed_string Schema, auto Spec, auto... Checks>
inline constexpr column_function<domain_type<Schema, Spec, Checks...>> pg_domain_in;

}  // namespace sluice::pg
