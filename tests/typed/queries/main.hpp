// What the generated program of query cases is made of: a case gives a value, and values are printed as JSON: rows as
// lists of their values in the order of the columns.
#pragma once

#include <cstdio>
#include <functional>

#include "../tutoring.hpp"

namespace tutoring {

using Invoice = Invoices<row>;
inline constexpr auto mentor = alias<"mentor">(tutors);

inline void put(std::string& out, std::string_view v) {
  out += '"';
  for (char c : v) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}
inline void put(std::string& out, const std::string& v) { put(out, std::string_view(v)); }
inline void put(std::string& out, const char* v) { put(out, std::string_view(v)); }
inline void put(std::string& out, bool v) { out += v ? "true" : "false"; }
inline void put(std::string& out, std::int16_t v) { out += std::to_string(v); }
inline void put(std::string& out, std::int32_t v) { out += std::to_string(v); }
inline void put(std::string& out, std::int64_t v) { out += std::to_string(v); }
inline void put(std::string& out, std::size_t v) { out += std::to_string(v); }
inline void put(std::string& out, double v) { out += type::Double::print(v); }
inline void put(std::string& out, const Uuid& v) { put(out, v.str()); }
inline void put(std::string& out, const Numeric& v) { put(out, v.text); }
inline void put(std::string& out, const Availability& v) {
  out += '[';
  put(out, v.days);
  out += ']';
}
inline void put(std::string& out, const Date& v) { put(out, type::Date::print(v)); }
// As Date.toISOString(): milliseconds.
inline void put_iso(std::string& out, std::string s) {
  s[10] = 'T';
  put(out, s.substr(0, 23) + "Z");
}
inline void put(std::string& out, const Timestamp& v) { put_iso(out, type::Timestamp::print(v)); }
inline void put(std::string& out, const TimestampTz& v) { put_iso(out, type::TimestampTz::print(v)); }
inline void put(std::string& out, Role v) { put(out, decltype(user_role("x"))::pg_type::print(v)); }
inline void put(std::string& out, Mode v) { put(out, decltype(session_mode("x"))::pg_type::print(v)); }
inline void put(std::string& out, Status v) { put(out, decltype(invoice_status("x"))::pg_type::print(v)); }
template <class T>
void put(std::string& out, const std::optional<T>& v);
template <class T>
void put(std::string& out, const std::vector<T>& v);
template <class... T>
void put(std::string& out, const std::tuple<T...>& v);
template <class Row, class... R>
void put(std::string& out, const related_row<Row, R...>& v);

template <class... T>
void put_list(std::string& out, const T&... v) {
  out += '[';
  bool first = true;
  ((out += std::exchange(first, false) ? "" : ",", put(out, v)), ...);
  out += ']';
}
inline void put(std::string& out, const User& v) {
  put_list(out, v.id, v.email, v.full_name, v.role, v.locale, v.created_at);
}
inline void put(std::string& out, const Tutor& v) {
  put_list(out, v.id, v.user_id, v.mentor_id, v.headline, v.subjects, v.hourly_rate, v.availability);
}
inline void put(std::string& out, const Session& v) {
  put_list(out, v.id, v.tutor_id, v.subject, v.start_time, v.duration, v.mode, v.notes);
}
inline void put(std::string& out, const Invoice& v) {
  put_list(out, v.number, v.session_id, v.amount, v.status, v.due_on, v.with_tax);
}
inline void put(std::string& out, const Rooms<row>& v) { put_list(out, v.kind, v.number, v.name); }
inline void put(std::string& out, const Bookings<row>& v) { put_list(out, v.id, v.kind, v.number, v.what); }
template <class T>
void put(std::string& out, const std::optional<T>& v) {
  if (v)
    put(out, *v);
  else
    out += "null";
}
template <class T>
void put(std::string& out, const std::vector<T>& v) {
  out += '[';
  for (std::size_t i = 0; i < v.size(); i++) {
    if (i > 0) out += ',';
    put(out, static_cast<const T&>(v[i]));
  }
  out += ']';
}
template <class... T>
void put(std::string& out, const std::tuple<T...>& v) {
  std::apply([&](const auto&... m) { put_list(out, m...); }, v);
}
template <class Row, class... R>
void put(std::string& out, const related_row<Row, R...>& v) {
  put(out, static_cast<const Row&>(v));
  out.back() = ',';
  std::string more;
  put(more, v.sluice_related);
  out += more.substr(1);
}

using query_case = std::string (*)(Database& db);
template <class T>
std::string printed(const T& value) {
  std::string out;
  put(out, value);
  return out;
}
// Uuids by their number: user 2 is 00000000-….
inline Uuid id(char kind, int n) {
  char text[40];
  std::snprintf(text, sizeof text, "%c0000000-0000-4000-8000-%012d", kind, n);
  return Uuid::parse(text);
}
inline Uuid user(int n) { return id('0', n); }
inline Uuid tutor(int n) { return id('1', n); }
inline Uuid session(int n) { return id('2', n); }
inline Timestamp at(int day, int hour) {
  return Timestamp(std::chrono::local_days(std::chrono::year(2026) / 1 / day) + std::chrono::hours(hour));
}

}  // namespace tutoring
