// The tables of ../tutoring in C++: what packages/database/src/schema/*.ts say in TypeScript.
#pragma once

#include <sluice/pg.hpp>

namespace app {

using namespace sluice::pg;

enum class UserRole { student, tutor, admin };
inline constexpr auto user_role = pg_enum<UserRole, "user_role", "student", "tutor", "admin">;
enum class SessionMode { online, in_person };
inline constexpr auto session_mode = pg_enum<SessionMode, "session_mode", "online", "in_person">;
enum class InvoiceStatus { draft, sent, paid, voided };
inline constexpr auto invoice_status = pg_enum<InvoiceStatus, "invoice_status", "draft", "sent", "paid", "void">;

template <class M>
struct Users {
  col<M, uuid("id").default_random().primary_key()> id;
  col<M, text("email").not_null()> email;
  col<M, text("full_name").not_null()> full_name;
  col<M, user_role("role").not_null().default_value(UserRole::student)> role;
  col<M, varchar("locale", 10).not_null().default_value("en-GB")> locale;
  col<M, timestamptz("created_at").not_null().default_now()> created_at;
  col<M, timestamptz("updated_at").not_null().default_now()> updated_at;
};
inline constexpr auto users =
    pg_table<Users, "users">([](auto) { return list(unique_index("users_email_lower_idx").on("lower(\"email\")")); });

template <class M>
struct Tutors {
  col<M, uuid("id").default_random().primary_key()> id;
  col<M, uuid("user_id").not_null().unique().references(users.id, on_delete::cascade)> user_id;
  col<M, uuid("mentor_id").references("tutors", "id", on_delete::set_null)> mentor_id;
  col<M, text("headline")> headline;
  col<M, text("subjects").array().not_null().default_empty()> subjects;
  col<M, numeric("hourly_rate", 8, 2).not_null()> hourly_rate;
  col<M, jsonb("availability")
             .not_null()
             .default_value(R"({"timezone":"UTC","weekdays":{"from":15,"to":20},"weekends":null})")>
      availability;
  col<M, text("old_name")> old_name;
  col<M, text("old_field").not_null()> old_field;
  col<M, timestamptz("created_at").not_null().default_now()> created_at;
  col<M, timestamptz("updated_at").not_null().default_now()> updated_at;
};
inline constexpr auto tutors = pg_table<Tutors, "tutors">([](auto t) {
  return list(index("tutors_mentor_id_idx").on(t.mentor_id), index("tutors_subjects_idx").using_("gin").on(t.subjects),
              check("tutors_hourly_rate_positive", sql_text("{} > 0", t.hourly_rate)));
});

template <class M>
struct Students {
  col<M, uuid("id").default_random().primary_key()> id;
  col<M, uuid("user_id").not_null().unique().references(users.id, on_delete::cascade)> user_id;
  col<M, smallint("school_year")> school_year;
  col<M, date("date_of_birth")> date_of_birth;
  col<M, text("guardian_email")> guardian_email;
  col<M, text("goals").array().not_null().default_sql(R"('{"Pass the next exam"}')")> goals;
  col<M, timestamptz("created_at").not_null().default_now()> created_at;
  col<M, timestamptz("updated_at").not_null().default_now()> updated_at;
};
inline constexpr auto students = pg_table<Students, "students">(
    [](auto t) { return list(check("students_school_year_range", sql_text("{} between 1 and 13", t.school_year))); });

template <class M>
struct Enrolments {
  col<M, uuid("tutor_id").not_null().references(tutors.id, on_delete::cascade)> tutor_id;
  col<M, uuid("student_id").not_null().references(students.id, on_delete::cascade)> student_id;
  col<M, date("started_on").not_null().default_now()> started_on;
  col<M, boolean("paused").not_null().default_value(false)> paused;
};
inline constexpr auto enrolments = pg_table<Enrolments, "enrolments">([](auto t) {
  return list(primary_key().on(t.tutor_id, t.student_id), index("enrolments_student_id_idx").on(t.student_id));
});

template <class M>
struct Sessions {
  col<M, uuid("id").default_random().primary_key()> id;
  col<M, uuid("tutor_id").not_null().references(tutors.id, on_delete::restrict_)> tutor_id;
  col<M, uuid("student_id").not_null().references(students.id, on_delete::cascade)> student_id;
  col<M, text("subject").not_null()> subject;
  col<M, timestamp("start_time").not_null()> start_time;
  col<M, timestamp("end_time").not_null()> end_time;
  col<M, text("status").not_null()> status;
  col<M, session_mode("mode").not_null().default_value(SessionMode::online)> mode;
  col<M, text("notes")> notes;
  col<M, timestamptz("created_at").not_null().default_now()> created_at;
  col<M, timestamptz("updated_at").not_null().default_now()> updated_at;
};
inline constexpr auto sessions = pg_table<Sessions, "sessions">([](auto t) {
  return list(index("sessions_student_id_idx").on(t.student_id),
              index("sessions_upcoming_idx").on(t.start_time).where(sql_text("{} = 'scheduled'", t.status)),
              check("sessions_ends_after_start", sql_text("{} >= {}", t.end_time, t.start_time)));
});

template <class M>
struct Reviews {
  col<M, bigint("id").primary_key().generated_always_as_identity()> id;
  col<M, uuid("session_id").not_null().references(sessions.id, on_delete::cascade)> session_id;
  col<M, uuid("student_id").not_null().references(students.id, on_delete::cascade)> student_id;
  col<M, smallint("rating").not_null()> rating;
  col<M, text("comment")> comment;
  col<M, timestamptz("created_at").not_null().default_now()> created_at;
  col<M, timestamptz("updated_at").not_null().default_now()> updated_at;
};
inline constexpr auto reviews = pg_table<Reviews, "reviews">([](auto t) {
  return list(unique("reviews_session_student_unique").on(t.session_id, t.student_id),
              index("reviews_student_id_idx").on(t.student_id),
              check("reviews_rating_range", sql_text("{} between 1 and 5", t.rating)));
});

template <class M>
struct Invoices {
  col<M, integer("number").primary_key().generated_always_as_identity({.start_with = 1000})> number;
  col<M, uuid("student_id").not_null().references(students.id, on_delete::restrict_)> student_id;
  col<M, uuid("session_id").references(sessions.id, on_delete::set_null)> session_id;
  col<M, numeric("amount", 10, 2).not_null()> amount;
  col<M, invoice_status("status").not_null().default_value(InvoiceStatus::draft)> status;
  col<M, date("due_on").not_null()> due_on;
  col<M, timestamptz("paid_at")> paid_at;
  col<M, text("void_reason")> void_reason;
  col<M, timestamptz("created_at").not_null().default_now()> created_at;
  col<M, timestamptz("updated_at").not_null().default_now()> updated_at;
};
inline constexpr auto invoices = pg_table<Invoices, "invoices">([](auto t) {
  return list(index("invoices_student_id_due_on_idx").on(t.student_id, t.due_on.desc()),
              unique_index("invoices_session_id_idx").on(t.session_id).where(sql_text("{} is not null", t.session_id)),
              check("invoices_amount_not_negative", sql_text("{} >= 0", t.amount)));
});

template <class M>
struct UpcomingSessions {
  col<M, uuid("session_id").not_null()> session_id;
  col<M, uuid("tutor_id").not_null()> tutor_id;
  col<M, text("full_name").not_null()> full_name;
  col<M, text("subject").not_null()> subject;
  col<M, timestamp("start_time").not_null()> start_time;
};
inline constexpr auto upcoming_sessions =
    pg_view<UpcomingSessions, "upcoming_sessions",
            "select \"sessions\".\"id\" as \"session_id\", \"sessions\".\"tutor_id\", \"users\".\"full_name\", "
            "\"sessions\".\"subject\", \"sessions\".\"start_time\" from \"sessions\" inner join \"students\" on "
            "\"students\".\"id\" = \"sessions\".\"student_id\" inner join \"users\" on \"users\".\"id\" = "
            "\"students\".\"user_id\" "
            "where \"sessions\".\"status\" = 'scheduled' and \"sessions\".\"start_time\" > now()">();

template <class M>
struct TutorEarnings {
  col<M, uuid("tutor_id")> tutor_id;
  col<M, bigint("paid_sessions")> paid_sessions;
  col<M, numeric("earned", 12, 2)> earned;
};
inline constexpr auto tutor_earnings = pg_view<TutorEarnings, "tutor_earnings", R"(
  select t.id as tutor_id,
         count(i.number) as paid_sessions,
         coalesce(sum(i.amount), 0)::numeric(12, 2) as earned
    from "tutors" t
    left join sessions s on s.tutor_id = t.id
    left join invoices i on i.session_id = s.id and i.status = 'paid'
   group by t.id
)">();

using Tutor = Tutors<row>;
using Student = Students<row>;
using Session = Sessions<row>;

}  // namespace app
