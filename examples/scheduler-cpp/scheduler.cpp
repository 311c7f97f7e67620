#include "scheduler.hpp"

namespace app {

Session book(Database& db, const Booking& booking) {
  Timestamp end = booking.start + booking.length;
  return db.transaction([&](Database& tx) {
    // Two bookings for one tutor take turns.
    auto tutor = tx.select(tutors.id).from(tutors).where(tutors.id == booking.tutor).for_update().first();
    if (!tutor) throw std::runtime_error("There is no such tutor.");
    auto taken = tx.select(sessions.subject)
                     .from(sessions)
                     .where(sessions.tutor_id == booking.tutor && sessions.status == "scheduled" &&
                            sessions.start_time < end && sessions.end_time > booking.start)
                     .first();
    if (taken) throw std::runtime_error("The tutor has a session in " + *taken + " then.");
    try {
      return tx.insert(sessions)
          .values({.tutor_id = booking.tutor,
                   .student_id = booking.student,
                   .subject = booking.subject,
                   .start_time = booking.start,
                   .end_time = end,
                   .status = "scheduled"})
          .returning()
          .one();
    } catch (const sluice::pg::Error& error) {
      if (error.constraint == "sessions_student_id_students_id_fk")
        throw std::runtime_error("There is no such student.");
      if (error.constraint == "sessions_ends_after_start") throw std::runtime_error("A session ends after it begins.");
      throw;
    }
  });
}

std::vector<Session> upcoming(Database& db, const Uuid& tutor, Timestamp now) {
  return db.select(sessions)
      .where(sessions.tutor_id == tutor && sessions.status == "scheduled" && sessions.start_time > now)
      .order_by(sessions.start_time)
      .all();
}

bool cancel(Database& db, const Uuid& session) {
  return db.update(sessions)
             .set(sessions.status = "cancelled", sessions.updated_at = sluice::pg::now())
             .where(sessions.id == session && sessions.status == "scheduled")
             .execute() == 1;
}

}  // namespace app
