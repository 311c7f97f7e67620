// A schema that uses a bit of everything, for the tests of the C++ library.
#pragma once

#include <sluice/pg.hpp>

namespace tutoring {

using namespace sluice::pg;

enum class Role { student, tutor, admin };
inline constexpr auto user_role = pg_enum<Role, "user_role", "student", "tutor", "admin">;
enum class Mode { online, in_person };
inline constexpr auto session_mode = pg_enum<Mode, "session_mode", "online", "in person">;
inline constexpr pg_schema<"billing"> billing;
enum class Status { draft, sent, paid };
inline constexpr auto invoice_status = billing.enumeration<Status, "invoice_status", "draft", "sent", "paid">();

// JSON of our own.
struct Availability {
  std::string days;
  bool operator==(const Availability&) const = default;
};

// A type that the library does not know.
struct Money {
  using value = std::string;
  static constexpr std::string_view sql = "money";
  static std::string print(std::string_view v) { return std::string(v); }
  static std::string read(std::string_view s) { return std::string(s); }
};

}  // namespace tutoring

template <>
struct sluice::pg::json_of<tutoring::Availability> {
  static tutoring::Availability parse(std::string_view s) {
    std::size_t from = s.find(": \""), to = s.rfind('"');
    return {std::string(s.substr(from + 3, to - from - 3))};
  }
  static std::string print(const tutoring::Availability& v) { return "{\"days\": \"" + v.days + "\"}"; }
};

namespace tutoring {

template <class M>
struct Users {
  col<M, uuid("id").default_random().primary_key()> id;
  col<M, text("email").not_null()> email;
  col<M, text("full_name").not_null()> full_name;
  col<M, user_role("role").not_null().default_value(Role::student)> role;
  col<M, varchar("locale", 10).not_null().default_value("en-GB")> locale;
  col<M, timestamptz("created_at").not_null().default_now()> created_at;
};
inline constexpr auto users = pg_table<Users, "users">(
    [](auto t) { return list(unique_index("users_email_lower_idx").on(sql_text("lower({})", t.email))); });

template <class M>
struct Tutors {
  col<M, uuid("id").default_random().primary_key()> id;
  col<M, uuid("user_id").not_null().unique().references(users.id, on_delete::cascade)> user_id;
  col<M, uuid("mentor_id").references("tutors", "id", on_delete::set_null)> mentor_id;
  col<M, text("headline")> headline;
  col<M, text("subjects").array().not_null().default_empty()> subjects;
  col<M, numeric("hourly_rate", 8, 2).not_null()> hourly_rate;
  col<M, jsonb("availability").of<Availability>()> availability;
};
inline constexpr auto tutors = pg_table<Tutors, "tutors">([](auto t) {
  return list(index("tutors_mentor_id_idx").on(t.mentor_id), index("tutors_subjects_idx").using_("gin").on(t.subjects),
              check("tutors_hourly_rate_positive", sql_text("{} > 0", t.hourly_rate)));
});

template <class M>
struct Sessions {
  col<M, uuid("id").default_random().primary_key()> id;
  col<M, uuid("tutor_id").not_null().references(tutors.id, on_delete::restrict_)> tutor_id;
  col<M, text("subject").not_null()> subject;
  col<M, timestamp("start_time").not_null()> start_time;
  col<M, integer("duration_minutes").not_null()> duration;
  col<M, session_mode("mode").not_null().default_value(Mode::online)> mode;
  col<M, text("notes")> notes;
};
inline constexpr auto sessions = pg_table<Sessions, "sessions">([](auto t) {
  return list(index("sessions_tutor_time_idx").on(t.tutor_id, t.start_time.desc().nulls_first()),
              index().on(t.subject).where(sql_text("{} = 'online'", t.mode)),
              check("sessions_duration_positive", "duration_minutes > 0"));
});

template <class M>
struct Invoices {
  col<M, integer("number").primary_key().generated_always_as_identity({.start_with = 1000})> number;
  col<M, uuid("session_id").references(sessions.id, on_delete::set_null, on_update::cascade)> session_id;
  col<M, numeric("amount", 10, 2).not_null()> amount;
  col<M, invoice_status("status").not_null().default_value(Status::draft)> status;
  col<M, date("due_on").not_null()> due_on;
  col<M, numeric("with_tax").generated_always_as("amount * 1.2")> with_tax;
};
inline constexpr auto invoices = billing.table<Invoices, "invoices">([](auto t) {
  return list(unique("invoices_session").on(t.session_id, t.due_on).nulls_not_distinct(),
              policy("own_invoices").for_("SELECT").using_("true"));
});

// A text with a check of its own.
inline constexpr auto email = pg_domain<text("email"), domain_check("email_check", "value like '%@%'")>;

// A role without the powerful one.
inline constexpr auto plain_role =
    pg_domain<user_role("plain_role"), domain_check("plain_role_check", "value <> 'admin'")>;

// Every type; two columns are the key.
template <class M>
struct Types {
  col<M, smallint("a_smallint").not_null()> a_smallint;
  col<M, bigint("a_bigint").not_null()> a_bigint;
  col<M, bigserial("a_bigserial")> a_bigserial;
  col<M, real("a_real")> a_real;
  col<M, double_precision("a_double")> a_double;
  col<M, boolean("a_boolean").not_null().default_value(true)> a_boolean;
  col<M, char_("a_char", 3)> a_char;
  col<M, timestamptz("a_timestamptz", 3)> a_timestamptz;
  col<M, sluice::pg::time("a_time")> a_time;
  col<M, timetz("a_timetz")> a_timetz;
  col<M, interval("an_interval")> an_interval;
  col<M, interval("a_short_interval", fields::day_to_second, 3)> a_short_interval;
  col<M, json("a_json").default_value("{\"it's\": 1}")> a_json;
  col<M, bytea("a_bytea")> a_bytea;
  col<M, inet("an_inet")> an_inet;
  col<M, cidr("a_cidr")> a_cidr;
  col<M, macaddr("a_macaddr")> a_macaddr;
  col<M, macaddr8("a_macaddr8")> a_macaddr8;
  col<M, point("a_point")> a_point;
  col<M, line("a_line")> a_line;
  col<M, bit("a_bit", 3)> a_bit;
  col<M, custom_type<Money>("a_money")> a_money;
  col<M, integer("matrix").array<3>().array()> matrix;
  col<M, timestamptz("moments").array()> moments;
  col<M, user_role("roles").array()> roles;
  col<M, email("an_email").default_value("a@b")> an_email;
  col<M, plain_role("a_plain_role").not_null().default_value(Role::student)> a_plain_role;
  col<M, plain_role("plain_roles").array()> plain_roles;
};
inline constexpr auto types =
    pg_table<Types, "types">([](auto t) { return list(primary_key().on(t.a_smallint, t.a_bigint)); });

// A key of two columns, and rows that refer to it.
template <class M>
struct Rooms {
  col<M, session_mode("kind").not_null()> kind;
  col<M, integer("number").not_null()> number;
  col<M, text("name").not_null()> name;
};
inline constexpr auto rooms = pg_table<Rooms, "rooms">([](auto t) { return list(primary_key().on(t.kind, t.number)); });
template <class M>
struct Bookings {
  col<M, integer("id").primary_key()> id;
  col<M, session_mode("kind").not_null()> kind;
  col<M, integer("number")> number;
  col<M, text("what").not_null()> what;
};
inline constexpr auto bookings = pg_table<Bookings, "bookings">(
    [](auto t) { return list(foreign_key().on(t.kind, t.number).references(rooms.kind, rooms.number)); });

template <class M>
struct OnlineSessions {
  col<M, uuid("id").not_null()> id;
  col<M, text("subject").not_null()> subject;
};
inline constexpr auto online_sessions =
    pg_view<OnlineSessions, "online_sessions", "select id, subject from sessions where mode = 'online'">();

using User = Users<row>;
using Tutor = Tutors<row>;
using Session = Sessions<row>;

inline constexpr auto ticket_numbers = pg_sequence("ticket_numbers", {.start_with = 100, .increment = 5});
inline constexpr auto auditor = pg_role("sluice_typed_auditor");

}  // namespace tutoring
