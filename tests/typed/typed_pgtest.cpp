// The C++ library against a real server: every kind of query, every type there and back, and what goes wrong.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "server_support.hpp"
#include "tutoring.hpp"
#include "typed_support.hpp"

namespace tutoring {

using namespace std::chrono_literals;
using sluice::pg::Error;

namespace {

// A database with the tables, and a few rows; each test gets it in a transaction that is rolled back.
class Typed : public testing::Test {
 protected:
  static void SetUpTestSuite() { url = sluice::typed::database_with(schema_of_all()); }
  static sluice::pg::schema_definition schema_of_all() {
    return schema(users, tutors, sessions, invoices, types, rooms, bookings, online_sessions, ticket_numbers);
  }
  void SetUp() override { db.execute_script("BEGIN"); }

  static User make_user(Database& db, std::string email) {
    return db.insert(users).values({.email = email, .full_name = "Name of " + email}).returning().front();
  }
  static Tutor make_tutor(Database& db, std::string email) {
    User user = make_user(db, email);
    return db.insert(tutors).values({.user_id = user.id, .hourly_rate = Numeric("30.00")}).returning().one();
  }
  static Session make_session(Database& db, const Tutor& tutor, std::string subject, int duration = 60) {
    return db.insert(sessions)
        .values({.tutor_id = tutor.id, .subject = subject, .start_time = start, .duration = duration})
        .returning()
        .one();
  }

  static constexpr Timestamp start{std::chrono::local_days(2026y / 1 / 3) + 10h};
  static std::string url;
  Database db{url};
};
std::string Typed::url;

template <class F>
Error error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error("no error");
}

TEST_F(Typed, InsertGivesTheRowBack) {
  User user = make_user(db, "ada@example.com");
  EXPECT_EQ(user.email, "ada@example.com");
  EXPECT_EQ(user.role, Role::student);
  EXPECT_EQ(user.locale, "en-GB");
  EXPECT_LT(std::chrono::abs(std::chrono::system_clock::now() - user.created_at), 10min);
  Tutor tutor = db.insert(tutors)
                    .values({.user_id = user.id,
                             .subjects = std::vector<std::string>{"Math", "a \"b\", \\c"},
                             .hourly_rate = Numeric("42.50"),
                             .availability = Availability{"Mo, Tu"}})
                    .returning()
                    .one();
  EXPECT_EQ(tutor.subjects, (std::vector<std::string>{"Math", "a \"b\", \\c"}));
  EXPECT_EQ(tutor.hourly_rate.text, "42.50");
  EXPECT_EQ(tutor.availability->days, "Mo, Tu");
  EXPECT_EQ(tutor.mentor_id, std::nullopt);
  EXPECT_EQ(tutor.headline, std::nullopt);
}

TEST_F(Typed, InsertManyAndSelectedColumns) {
  auto rows = db.insert(users)
                  .values({{.email = "a@x", .full_name = "A"}, {.email = "b@x", .full_name = "B", .role = Role::admin}})
                  .returning(users.email, users.role)
                  .all();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1], std::make_tuple(std::string("b@x"), Role::admin));
  std::vector<Users<new_row>> more;
  for (int i = 0; i < 100; i++) more.push_back({.email = "n" + std::to_string(i), .full_name = "N"});
  EXPECT_EQ(db.insert(users).values(more).execute(), 100U);
  EXPECT_EQ(db.select(count()).from(users).one(), 102);
  std::string email = db.insert(users).set(users.full_name = "C", users.email = "c@x").returning(users.email).one();
  EXPECT_EQ(email, "c@x");
}

TEST_F(Typed, OnConflict) {
  Tutor tutor = make_tutor(db, "t@x");
  auto again = [&] {
    return db.insert(tutors).values({.id = tutor.id, .user_id = tutor.user_id, .hourly_rate = Numeric(50)});
  };
  EXPECT_EQ(again().on_conflict_do_nothing().execute(), 0U);
  EXPECT_EQ(again().on_conflict_do_nothing(tutors.id).returning().first(), std::nullopt);
  Tutor updated = again()
                      .on_conflict(tutors.user_id)
                      .do_update(tutors.hourly_rate = excluded(tutors.hourly_rate), tutors.headline = "again")
                      .where(tutors.hourly_rate < 100)
                      .returning()
                      .one();
  EXPECT_EQ(updated.hourly_rate.text, "50.00");
  EXPECT_EQ(updated.headline, "again");
}

TEST_F(Typed, EveryTypeThereAndBack) {
  using Row = Types<row>;
  Row in = db.insert(types)
               .values({.a_smallint = 1,
                        .a_bigint = 9007199254740993,
                        .a_real = 0.1F,
                        .a_double = 0.1,
                        .a_char = "abc",
                        .a_timestamptz = TimestampTz(1767434400123ms),
                        .a_time = 3h + 4min + 5678ms,
                        .a_timetz = "10:00:00+02",
                        .an_interval = Interval{14, -3, -1500ms},
                        .a_short_interval = Interval{0, 2, 1h},
                        .a_bytea = Bytes{std::byte{0}, std::byte{255}, std::byte{'\\'}},
                        .an_inet = "10.0.0.1",
                        .a_cidr = "10.0.0.0/8",
                        .a_macaddr = "08:00:2b:01:02:03",
                        .a_macaddr8 = "08:00:2b:01:02:03:04:05",
                        .a_point = Point{1.5, -2},
                        .a_line = Line{1, 2, 3},
                        .a_bit = "101",
                        .a_money = "12.34",
                        .matrix = std::vector<std::vector<int>>{{1, 2, 3}, {4, 5, 6}},
                        .moments = std::vector<TimestampTz>{TimestampTz(1s), TimestampTz(-1s)},
                        .roles = std::vector<Role>{Role::admin, Role::student},
                        .plain_roles = std::vector<Role>{Role::tutor, Role::student}})
               .returning()
               .one();
  Row out = db.select(types)
                .where(types.a_bigint == in.a_bigint && types.a_timestamptz == *in.a_timestamptz &&
                       types.a_time == *in.a_time && types.roles == *in.roles && types.matrix == *in.matrix)
                .one();
  EXPECT_EQ(out.a_bigint, 9007199254740993);
  EXPECT_EQ(out.a_real, 0.1F);
  EXPECT_EQ(out.a_double, 0.1);
  EXPECT_TRUE(out.a_boolean);
  EXPECT_EQ(out.a_timestamptz, TimestampTz(1767434400123ms));
  EXPECT_EQ(out.a_time, 3h + 4min + 5678ms);
  EXPECT_EQ(out.a_timetz, "10:00:00+02");
  EXPECT_EQ(out.an_interval, (Interval{14, -3, -1500ms}));
  EXPECT_EQ(out.a_short_interval, (Interval{0, 2, 1h}));
  EXPECT_EQ(out.a_json->text, "{\"it's\": 1}");
  EXPECT_EQ(out.a_bytea, (Bytes{std::byte{0}, std::byte{255}, std::byte{'\\'}}));
  EXPECT_EQ(out.a_point, (Point{1.5, -2}));
  EXPECT_EQ(out.a_line, (Line{1, 2, 3}));
  EXPECT_EQ(out.a_money, "$12.34");
  EXPECT_EQ(out.matrix, (std::vector<std::vector<int>>{{1, 2, 3}, {4, 5, 6}}));
  EXPECT_EQ(out.moments, (std::vector<TimestampTz>{TimestampTz(1s), TimestampTz(-1s)}));
  EXPECT_EQ(out.roles, (std::vector<Role>{Role::admin, Role::student}));
  EXPECT_EQ(out.an_email, "a@b");
  EXPECT_EQ(out.a_plain_role, Role::student);
  EXPECT_EQ(out.plain_roles, (std::vector<Role>{Role::tutor, Role::student}));
  EXPECT_EQ(db.select(count()).from(types).where(types.a_plain_role == Role::student).one(), 1);
  EXPECT_EQ(db.select(count()).from(types).where(types.a_plain_role.in({Role::tutor})).one(), 0);
  EXPECT_EQ(db.select(count()).from(types).where(types.an_email.like("a%") && types.an_email == "a@b").one(), 1);
  Date far = db.sql<Date>("select '0044-03-15 BC'::date").front();
  EXPECT_EQ(far, Date(std::chrono::year(-43), std::chrono::month(3), std::chrono::day(15)));
  EXPECT_EQ(db.sql<TimestampTz>("select 'infinity'::timestamptz").front(), TimestampTz::max());
  EXPECT_EQ(db.sql<bool>("select {} = '0044-03-15 BC'::date", far).front(), true);
}

TEST_F(Typed, JoinsMakeColumnsOptional) {
  Tutor tutor = make_tutor(db, "t@x");
  make_session(db, tutor, "Math");
  make_tutor(db, "idle@x");
  auto inner = db.select(sessions.subject, users.email)
                   .from(sessions)
                   .inner_join(tutors, tutors.id == sessions.tutor_id)
                   .inner_join(users, users.id == tutors.user_id)
                   .all();
  static_assert(std::is_same_v<decltype(inner)::value_type, std::tuple<std::string, std::string>>);
  EXPECT_EQ(inner.size(), 1U);
  auto left = db.select(users.email, sessions.subject, upper(sessions.subject))
                  .from(tutors)
                  .inner_join(users, users.id == tutors.user_id)
                  .left_join(sessions, sessions.tutor_id == tutors.id)
                  .order_by(users.email)
                  .all();
  static_assert(std::is_same_v<decltype(left)::value_type,
                               std::tuple<std::string, std::optional<std::string>, std::optional<std::string>>>);
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(std::get<1>(left[0]), std::nullopt);
  EXPECT_EQ(std::get<2>(left[1]), "MATH");
  auto whole = db.select().from(tutors).left_join(sessions, sessions.tutor_id == tutors.id).all();
  static_assert(std::is_same_v<decltype(whole)::value_type, std::tuple<Tutor, std::optional<Session>>>);
  auto right = db.select(sessions.subject, tutors.id)
                   .from(sessions)
                   .right_join(tutors, sessions.tutor_id == tutors.id)
                   .where(null_in_join(sessions.id))
                   .all();
  ASSERT_EQ(right.size(), 1U);
  EXPECT_EQ(std::get<0>(right[0]), std::nullopt);
  auto full = db.select(sessions, tutors).from(sessions).full_join(tutors, sessions.tutor_id == tutors.id).all();
  static_assert(std::is_same_v<decltype(full)::value_type, std::tuple<std::optional<Session>, std::optional<Tutor>>>);
  EXPECT_EQ(full.size(), 2U);
  constexpr auto mentor = alias<"mentor">(tutors);
  auto mentored = db.select(tutors.id, mentor.id).from(tutors).left_join(mentor, tutors.mentor_id == mentor.id).all();
  EXPECT_EQ(mentored.size(), 2U);
  EXPECT_EQ(db.select(count()).from(users).cross_join(tutors).one(), 4);
}

TEST_F(Typed, SubqueriesCtesAndSets) {
  Tutor tutor = make_tutor(db, "t@x");
  for (const char* subject : {"Math", "Math", "Art"}) make_session(db, tutor, subject);
  auto by_subject = db.select(sessions.subject, count().as<"n">()).from(sessions).group_by(sessions.subject);
  auto sub = by_subject.subquery<"by_subject">();
  EXPECT_EQ(db.select(max(sub.col<"n">())).from(sub).one(), 2);
  auto cte = by_subject.cte<"c">();
  auto rows = db.with(cte).select(cte.col<"subject">()).from(cte).where(cte.col<"n">() > 1).all();
  EXPECT_EQ(rows, std::vector<std::string>{"Math"});
  EXPECT_EQ(db.select(count()).from(tutors).where(in(tutors.id, db.select(sessions.tutor_id).from(sessions))).one(), 1);
  EXPECT_EQ(db.select(count())
                .from(tutors)
                .where(exists(db.select(sessions.id).from(sessions).where(sessions.tutor_id == outer(tutors.id))))
                .one(),
            1);
  auto names = db.select(sessions.subject)
                   .from(sessions)
                   .union_(db.select(users.email).from(users))
                   .order_by(position(1).desc())
                   .limit(2)
                   .all();
  EXPECT_EQ(names, (std::vector<std::string>{"t@x", "Math"}));
  auto counts =
      db.select(tutors.id, scalar(db.select(count()).from(sessions).where(sessions.tutor_id == outer(tutors.id))))
          .from(tutors)
          .all();
  EXPECT_EQ(std::get<1>(counts[0]), 3);
  auto recent =
      db.select(sessions.subject).from(sessions).where(sessions.tutor_id == outer(tutors.id)).limit(1).lateral<"r">();
  EXPECT_EQ(db.select(recent.col<"subject">()).from(tutors).left_join(recent, always()).all().size(), 1U);
}

TEST_F(Typed, UpdateAndDelete) {
  Tutor tutor = make_tutor(db, "t@x");
  Session session = make_session(db, tutor, "Math", 30);
  Session changed = db.update(sessions)
                        .set(sessions.duration = sessions.duration + 15, sessions.notes = std::nullopt,
                             sessions.mode = Mode::in_person)
                        .where(sessions.id == session.id)
                        .returning()
                        .one();
  EXPECT_EQ(changed.duration, 45);
  EXPECT_EQ(changed.mode, Mode::in_person);
  EXPECT_EQ(db.update(sessions).set(sessions.notes = std::optional<std::string>("x")).execute(), 1U);
  EXPECT_EQ(db.delete_from(sessions).where(sessions.notes == "x").returning(sessions.subject).all(),
            std::vector<std::string>{"Math"});
  EXPECT_EQ(db.delete_from(sessions).execute(), 0U);
}

TEST_F(Typed, UpdateFromAndDeleteUsing) {
  Tutor first = make_tutor(db, "a@x"), second = make_tutor(db, "b@x");
  make_session(db, first, "Math");
  make_session(db, second, "Art");
  auto changed = db.update(sessions)
                     .set(sessions.notes = users.email, sessions.duration = sessions.duration + 1)
                     .from(tutors)
                     .inner_join(users, users.id == tutors.user_id)
                     .where(sessions.tutor_id == tutors.id && users.email == "a@x")
                     .returning(sessions.subject, sessions.notes, users.email)
                     .all();
  static_assert(
      std::is_same_v<decltype(changed)::value_type, std::tuple<std::string, std::optional<std::string>, std::string>>);
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_EQ(changed[0], std::make_tuple(std::string("Math"), std::optional<std::string>("a@x"), std::string("a@x")));
  constexpr auto mentor = alias<"mentor">(tutors);
  auto left = db.update(sessions)
                  .set(sessions.notes = std::nullopt)
                  .from(tutors)
                  .left_join(mentor, mentor.id == tutors.mentor_id)
                  .where(sessions.tutor_id == tutors.id)
                  .returning(mentor.id)
                  .all();
  static_assert(std::is_same_v<decltype(left)::value_type, std::optional<Uuid>>);
  EXPECT_EQ(left, (std::vector<std::optional<Uuid>>{std::nullopt, std::nullopt}));
  auto gone = db.delete_from(sessions)
                  .using_(tutors)
                  .inner_join(users, users.id == tutors.user_id)
                  .where(sessions.tutor_id == tutors.id && users.email == "b@x")
                  .returning(sessions.subject, users.email)
                  .all();
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0], std::make_tuple(std::string("Art"), std::string("b@x")));
}

TEST_F(Typed, RecursiveAndChangingCtes) {
  Tutor top = make_tutor(db, "top@x"), middle = make_tutor(db, "middle@x"), low = make_tutor(db, "low@x");
  auto mentored_by = [&](const Tutor& mentor, const Tutor& tutor) {
    db.update(tutors).set(tutors.mentor_id = mentor.id).where(tutors.id == tutor.id).execute();
  };
  mentored_by(top, middle);
  mentored_by(middle, low);
  auto tree = db.select(tutors.id, val<type::Integer>(0).as<"depth">())
                  .from(tutors)
                  .where(tutors.mentor_id.is_null())
                  .recursive<"tree">([&](auto below) {
                    return db.select(tutors.id, column_of<"depth">(below) + 1)
                        .from(tutors)
                        .inner_join(below, tutors.mentor_id == column_of<"id">(below));
                  });
  auto depths = db.with(tree).select(tree.col<"id">(), tree.col<"depth">()).from(tree).order_by(position(2)).all();
  EXPECT_EQ(depths, (std::vector<std::tuple<Uuid, int>>{{top.id, 0}, {middle.id, 1}, {low.id, 2}}));
  mentored_by(low, top);  // a circle
  auto around = db.select(tutors.id).from(tutors).where(tutors.id == top.id).recursive_distinct<"around">([&](auto c) {
    return db.select(tutors.id).from(tutors).inner_join(c, tutors.mentor_id == column_of<"id">(c));
  });
  EXPECT_EQ(db.with(around).select(count()).from(around).one(), 3);
  EXPECT_EQ(db.with(around)
                .update(tutors)
                .set(tutors.headline = "around")
                .from(around)
                .where(tutors.id == around.col<"id">())
                .execute(),
            3U);
  auto deleted = db.delete_from(tutors).where(tutors.headline == "around").returning(tutors.user_id).cte<"deleted">();
  auto mails = db.with(deleted)
                   .select(users.email)
                   .from(users)
                   .inner_join(deleted, users.id == deleted.col<"user_id">())
                   .order_by(users.email)
                   .all();
  EXPECT_EQ(mails, (std::vector<std::string>{"low@x", "middle@x", "top@x"}));
}

TEST_F(Typed, NothingIsPastedIntoSql) {
  std::string evil = "'; DROP TABLE users; -- $1 ? \" \\ \x01 größe";
  User user = make_user(db, evil);
  EXPECT_EQ(db.select(users).where(users.email == evil && users.email.like("%größe")).one().id, user.id);
  EXPECT_EQ(db.select(users).where(users.email.in({evil, "b"})).all().size(), 1U);
  EXPECT_EQ(db.select(users).where(users.role.in({})).all().size(), 0U);
  EXPECT_EQ(db.sql<std::string>("select {} || '{{}}'", evil).front(), evil + "{}");
}

TEST_F(Typed, RawSqlWithTypedRows) {
  struct Count {
    std::string name;
    std::int64_t n;
    std::optional<double> share;
  };
  auto rows = db.sql<Count>("select 'a', {}::bigint, null::float8 union all select 'b', 2, 0.5 order by 1", 7);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].n, 7);
  EXPECT_EQ(rows[0].share, std::nullopt);
  EXPECT_EQ(rows[1].share, 0.5);
  Error error = error_of([&] { db.sql<int>("select null::integer"); });
  EXPECT_NE(std::string(error.what()).find("use std::optional"), std::string::npos) << error.what();
}

TEST_F(Typed, PreparedStatements) {
  Tutor tutor = make_tutor(db, "t@x");
  auto find = db.prepare<std::string, std::int64_t>(
      [&](auto email, auto n) { return db.select(users.id).from(users).where(users.email == email).limit(n); });
  EXPECT_EQ(find("t@x", 1), std::vector<Uuid>{tutor.user_id});
  EXPECT_EQ(find("t@x", 0).size(), 0U);
  auto rename = db.prepare<std::string>([&](auto name) { return db.update(users).set(users.full_name = name); });
  EXPECT_EQ(rename("Z"), 1U);
  EXPECT_EQ(db.select(users.full_name).from(users).one(), "Z");
}

TEST_F(Typed, TransactionsAndSavepoints) {
  db.execute_script("ROLLBACK");
  EXPECT_THROW(db.transaction([](Database& tx) {
    make_user(tx, "gone@x");
    tx.rollback();
  }),
               Error);
  auto id = db.transaction(
      [](Database& tx) {
        User kept = make_user(tx, "kept@x");
        try {
          tx.transaction([](Database& inner) {
            make_user(inner, "inner@x");
            inner.execute("select 1/0");
          });
        } catch (const Error& error) {
          EXPECT_EQ(error.sqlstate, "22012");
        }
        return kept.id;
      },
      {.level = isolation::serializable});
  EXPECT_EQ(db.select(users.id).from(users).all(), std::vector<Uuid>{id});
  Error swallowed = error_of([&] {
    db.transaction([](Database& tx) {
      try {
        tx.execute("select 1/0");
      } catch (const Error&) {
      }
    });
  });
  EXPECT_NE(std::string(swallowed.what()).find("rolled back"), std::string::npos);
  db.delete_from(users).execute();
}

TEST_F(Typed, ErrorsNameTheirConstraint) {
  db.execute_script("ROLLBACK");
  Tutor tutor = make_tutor(db, "t@x");
  Error unique = error_of([&] { make_user(db, "T@X"); });
  EXPECT_TRUE(unique.is_unique_violation());
  EXPECT_EQ(unique.constraint, "users_email_lower_idx");
  EXPECT_EQ(unique.table, "users");
  Error check = error_of([&] { make_session(db, tutor, "Math", -1); });
  EXPECT_TRUE(check.is_check_violation());
  EXPECT_EQ(check.constraint, "sessions_duration_positive");
  Error domain =
      error_of([&] { db.insert(types).values({.a_smallint = 1, .a_bigint = 1, .an_email = "nobody"}).execute(); });
  EXPECT_TRUE(domain.is_check_violation());
  EXPECT_EQ(domain.constraint, "email_check");
  Error role = error_of(
      [&] { db.insert(types).values({.a_smallint = 1, .a_bigint = 1, .a_plain_role = Role::admin}).execute(); });
  EXPECT_EQ(role.constraint, "plain_role_check");
  Error reference = error_of([&] {
    db.insert(sessions).values({.tutor_id = Uuid{}, .subject = "x", .start_time = start, .duration = 1}).execute();
  });
  EXPECT_TRUE(reference.is_foreign_key_violation());
  EXPECT_EQ(reference.constraint, "sessions_tutor_id_tutors_id_fk");
  EXPECT_EQ(error_of([&] { db.select(users).one(), db.select(users).where(users.email == "no").one(); }).sqlstate, "");
  db.delete_from(tutors).execute();
  db.delete_from(users).execute();
}

TEST_F(Typed, Copy) {
  Tutor tutor = make_tutor(db, "t@x");
  auto copy = db.copy_in(sessions.tutor_id, sessions.subject, sessions.start_time, sessions.duration, sessions.notes);
  for (int i = 0; i < 5000; i++) {
    if (i % 2 == 0)
      copy.add(tutor.id, "tab\t, \\N and\nline", start, i + 1, std::nullopt);
    else
      copy.add(tutor.id, "\\N", start, i + 1, std::optional<std::string>(""));
  }
  EXPECT_EQ(copy.finish(), 5000U);
  std::size_t nulls = 0, odd = 0;
  EXPECT_EQ(db.copy_out(sessions.subject, sessions.duration, sessions.notes)
                .each([&](std::string subject, int duration, std::optional<std::string> notes) {
                  nulls += !notes;
                  odd += duration % 2 == 1 ? subject == "tab\t, \\N and\nline" : subject == "\\N" && notes == "";
                }),
            5000U);
  EXPECT_EQ(nulls, 2500U);
  EXPECT_EQ(odd, 5000U);
  { auto abandoned = db.copy_in(users.email, users.full_name); }
  db.execute_script("ROLLBACK");
  EXPECT_EQ(db.select(count()).from(users).one(), 0);
  make_user(db, "c@x");
  EXPECT_THROW(db.copy_out(users.email).each([](const std::string&) { throw Error("enough"); }), Error);
  EXPECT_EQ(db.delete_from(users).execute(), 1U);
}

TEST_F(Typed, Pipeline) {
  Pipeline pipeline = db.pipeline();
  auto added = pipeline.add(db.insert(users).values({.email = "p@x", .full_name = "P"}));
  auto found = pipeline.add(db.select(users.email).from(users));
  for (int i = 0; i < 2000; i++) pipeline.add(db.select(sql<type::Text>("repeat('x', 10000)")));
  pipeline.run();
  EXPECT_EQ(added.get(), 1U);
  EXPECT_EQ(found.get(), std::vector<std::string>{"p@x"});
  db.execute_script("ROLLBACK");
  Pipeline failing = db.pipeline();
  failing.add(db.insert(users).values({.email = "q@x", .full_name = "Q"}));
  failing.add(db.select(sql<type::Integer>("1/0")));
  EXPECT_EQ(error_of([&] { failing.run(); }).sqlstate, "22012");
  EXPECT_EQ(db.select(count()).from(users).one(), 0);
}

TEST_F(Typed, Relations) {
  Tutor first = make_tutor(db, "a@x"), second = make_tutor(db, "b@x");
  db.update(tutors).set(tutors.mentor_id = first.id).where(tutors.id == second.id).execute();
  for (int i = 1; i <= 3; i++) make_session(db, first, "S" + std::to_string(i), i);
  auto rows = db.query(tutors)
                  .with(one(tutors.user_id), many(sessions.tutor_id).order_by(sessions.duration.desc()).limit(2),
                        many(tutors.mentor_id, tutors.id).with(one(tutors.user_id)))
                  .order_by(tutors.mentor_id.asc().nulls_first())
                  .all();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0][tutors.user_id].email, "a@x");
  ASSERT_EQ(rows[0][sessions.tutor_id].size(), 2U);
  EXPECT_EQ(rows[0][sessions.tutor_id][0].subject, "S3");
  ASSERT_EQ(rows[0][tutors.mentor_id].size(), 1U);
  EXPECT_EQ(rows[0][tutors.mentor_id][0][tutors.user_id].email, "b@x");
  EXPECT_EQ(rows[1][sessions.tutor_id].size(), 0U);
  auto one_session = db.query(sessions).with(one(sessions.tutor_id)).where(sessions.subject == "S1").first();
  EXPECT_EQ((*one_session)[sessions.tutor_id].id, first.id);
  auto mentors = db.query(tutors).with(one(tutors.mentor_id, tutors.id)).order_by(tutors.mentor_id).all();
  EXPECT_EQ(mentors[0][tutors.mentor_id]->id, first.id);
  EXPECT_EQ(mentors[1][tutors.mentor_id], std::nullopt);
}

TEST_F(Typed, RelationsOverSeveralColumns) {
  db.insert(rooms)
      .values({{.kind = Mode::online, .number = 1, .name = "Zoom"},
               {.kind = Mode::in_person, .number = 1, .name = "Attic"},
               {.kind = Mode::in_person, .number = 2, .name = "Cellar"}})
      .execute();
  db.insert(bookings)
      .values({{.id = 1, .kind = Mode::in_person, .number = 1, .what = "a"},
               {.id = 2, .kind = Mode::in_person, .number = 1, .what = "b"},
               {.id = 3, .kind = Mode::online, .number = 1, .what = "c"},
               {.id = 4, .kind = Mode::online, .what = "nowhere"}})
      .execute();
  constexpr auto booked = key(bookings.kind, bookings.number);
  constexpr auto room = key(rooms.kind, rooms.number);
  auto all_rooms =
      db.query(rooms).with(many(booked, room).order_by(bookings.id.desc()).limit(5)).order_by(rooms.name).all();
  ASSERT_EQ(all_rooms.size(), 3U);
  ASSERT_EQ(all_rooms[0][booked].size(), 2U);
  EXPECT_EQ(all_rooms[0][booked][0].what, "b");
  EXPECT_EQ(all_rooms[1][booked].size(), 0U);
  EXPECT_EQ(all_rooms[2][booked].at(0).what, "c");
  auto all_bookings = db.query(bookings).with(one(booked, room)).order_by(bookings.id).all();
  static_assert(std::is_same_v<std::decay_t<decltype(all_bookings[0][booked])>,
                               std::optional<Rooms<row>>>);  // number may be null
  EXPECT_EQ(all_bookings[0][booked]->name, "Attic");
  EXPECT_EQ(all_bookings[2][booked]->name, "Zoom");
  EXPECT_EQ(all_bookings[3][booked], std::nullopt);
}

TEST_F(Typed, TimeoutAndCancel) {
  db.execute_script("ROLLBACK");
  db.set_timeout(50ms);
  EXPECT_TRUE(error_of([&] { db.execute("select pg_sleep(30)"); }).is_cancelled());
  db.set_timeout(0ms);
  EXPECT_EQ(db.sql<int>("select 1").front(), 1);
  // Nobody knows when the statement has begun; so ask again until it has ended.
  std::atomic<bool> ended = false;
  std::jthread other([&, canceller = db.canceller()] {
    while (!ended) {
      canceller.cancel();
      std::this_thread::sleep_for(5ms);
    }
  });
  Error error = error_of([&] { db.execute("select pg_sleep(30)"); });
  ended = true;
  EXPECT_TRUE(error.is_cancelled()) << error.what();
}

TEST_F(Typed, Reconnects) {
  db.execute_script("ROLLBACK");
  auto numbers = db.prepare<int>([&](auto n) { return db.select(sql<type::Integer>("{}::int + 1", n)); });
  EXPECT_EQ(numbers(1), std::vector<int>{2});
  Database killer(url);
  auto kill = [&] {
    int pid = db.sql<int>("select pg_backend_pid()").front();
    killer.execute("select pg_terminate_backend({})", pid);
    while (killer.sql<std::int64_t>("select count(*) from pg_stat_activity where pid = {}", pid).front() > 0) {
    }
  };
  kill();
  // Nobody has told us yet: the statement under way is not run twice.
  Error lost = error_of([&] { db.execute("select 1"); });
  EXPECT_TRUE(lost.connection_lost) << lost.what();
  EXPECT_EQ(numbers(2), std::vector<int>{3});
  Error inside = error_of([&] {
    db.transaction([&](Database& tx) {
      kill();
      error_of([&] { tx.execute("select 1"); });
      tx.execute("select 1");
    });
  });
  EXPECT_TRUE(inside.connection_lost);
  EXPECT_EQ(db.sql<int>("select 1").front(), 1);
}

TEST_F(Typed, Notifications) {
  db.execute_script("ROLLBACK");
  db.listen("Bells \"1\"");
  Database other(url);
  other.notify("Bells \"1\"", "ding");
  auto heard = db.wait_for_notification(30s);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->payload, "ding");
  EXPECT_EQ(db.wait_for_notification(1ms), std::nullopt);
}

TEST_F(Typed, Locks) {
  make_user(db, "l@x");
  db.execute_script("COMMIT; BEGIN");
  EXPECT_EQ(db.select(users).for_update().all().size(), 1U);
  Database other(url);
  EXPECT_EQ(other.select(users).for_update(skip_locked).all().size(), 0U);
  EXPECT_EQ(error_of([&] { other.select(users).for_no_key_update(nowait).all(); }).sqlstate, "55P03");
  db.delete_from(users).execute();
  db.execute_script("COMMIT");
}

TEST_F(Typed, Pool) {
  db.execute_script("ROLLBACK");
  Pool pool(url, {.size = 2, .acquire_timeout = 30s});
  {
    std::vector<std::jthread> threads;
    std::atomic<int> sum = 0;
    for (int i = 0; i < 8; i++)
      threads.emplace_back([&] {
        Lease lease = pool.acquire();
        sum += lease->sql<int>("select 1").front();
      });
    threads.clear();
    EXPECT_EQ(sum, 8);
  }
  EXPECT_LE(pool.connections(), 2U);
  try {
    Lease lease = pool.acquire();
    lease->execute_script("BEGIN");  // left open: the next one must not notice
  } catch (const Error& error) {
    FAIL() << error.what();
  }
  EXPECT_EQ(pool.acquire()->sql<bool>("select pg_current_xact_id_if_assigned() is null").front(), true);
  Pool none(url, {.size = 1, .acquire_timeout = 1ms});
  Lease only = none.acquire();
  EXPECT_THROW(none.acquire(), Error);
}

TEST_F(Typed, ConnectionFailures) {
  Error error = error_of([&] { Database nowhere("postgresql://localhost:1/x"); });
  EXPECT_NE(std::string(error.what()).find("nothing is listening"), std::string::npos) << error.what();
}

TEST_F(Typed, SchemaIsWhatTheServerHas) { sluice::typed::expect_read_back(schema_of_all(), url); }

}  // namespace

}  // namespace tutoring
