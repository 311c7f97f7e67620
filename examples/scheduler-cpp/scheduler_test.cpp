// The tests of ../tutoring/packages/database/src/__tests__ in C++, and those of the service. DATABASE_URL names an
// empty database.
#include <gtest/gtest.h>

#include <cstdlib>
#include <sluice/migrate.hpp>

#include "scheduler.hpp"

namespace app {

namespace {

using namespace std::chrono_literals;

class Scheduler : public testing::Test {
 protected:
  static Database& connect() {
    static Database db = [] {
      const char* url = std::getenv("DATABASE_URL");
      Database made(url != nullptr ? url : "postgresql://postgres:postgres@localhost:54322/postgres");
      sluice::migrate(made);
      return made;
    }();
    return db;
  }
  Database& db = connect();

  // A booking with a tutor and a student of its own, both new.
  Booking new_booking() {
    auto made =
        db.insert(users)
            .values(
                {{.email = Uuid::random().str() + "@example.com", .full_name = "Test Tutor", .role = UserRole::tutor},
                 {.email = Uuid::random().str() + "@example.com", .full_name = "Test Student"}})
            .returning(users.id)
            .all();
    Uuid tutor = db.insert(tutors)
                     .values({.user_id = made[0],
                              .subjects = std::vector<std::string>{"Math"},
                              .hourly_rate = Numeric("30.00"),
                              .old_field = "test"})
                     .returning(tutors.id)
                     .one();
    Uuid student = db.insert(students).values({.user_id = made[1]}).returning(students.id).one();
    return {tutor, student, "Math", Timestamp(std::chrono::local_days(2026y / 1 / 5) + 15h), 60min};
  }
};

TEST_F(Scheduler, CanInsertSession) {
  Session session = book(db, new_booking());
  EXPECT_EQ(session.status, "scheduled");
  EXPECT_EQ(session.mode, SessionMode::online);
  EXPECT_EQ(session.start_time, Timestamp(std::chrono::local_days(2026y / 1 / 5) + 15h));
}

TEST_F(Scheduler, FindsTheTutorAndTheStudentOfASession) {
  Uuid id = book(db, new_booking()).id;
  auto session =
      db.query(sessions)
          .where(sessions.id == id)
          .with(one(sessions.tutor_id).with(one(tutors.user_id)), one(sessions.student_id).with(one(students.user_id)))
          .first();
  EXPECT_EQ((*session)[sessions.tutor_id][tutors.user_id].full_name, "Test Tutor");
  EXPECT_EQ((*session)[sessions.student_id][students.user_id].full_name, "Test Student");
}

TEST_F(Scheduler, ATutorTeachesOneAtATime) {
  Booking booking = new_booking();
  Session first = book(db, booking);
  booking.start += 30min;
  EXPECT_THROW(book(db, booking), std::runtime_error);
  EXPECT_TRUE(cancel(db, first.id));
  EXPECT_FALSE(cancel(db, first.id));
  book(db, booking);
  auto rest = upcoming(db, booking.tutor, booking.start - 24h);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].start_time, booking.start);
}

TEST_F(Scheduler, SaysWhatIsWrong) {
  Booking booking = new_booking();
  auto refusal = [&](const Booking& b) {
    try {
      book(db, b);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string("booked");
  };
  Booking unknown = booking;
  unknown.student = Uuid::random();
  EXPECT_EQ(refusal(unknown), "There is no such student.");
  booking.length = -1min;
  EXPECT_EQ(refusal(booking), "A session ends after it begins.");
}

}  // namespace

}  // namespace app
