// What the service does.
#pragma once

#include "schema.hpp"

namespace app {

struct Booking {
  Uuid tutor, student;
  std::string subject;
  Timestamp start;
  std::chrono::minutes length;
};

// Books a session. The tutor must be free; throws std::runtime_error that can be shown if it cannot be booked.
Session book(Database& db, const Booking& booking);
// The tutor's sessions that are still to come, the next one first.
std::vector<Session> upcoming(Database& db, const Uuid& tutor, Timestamp now);
// False if there is no such session, or it took place.
bool cancel(Database& db, const Uuid& session);

}  // namespace app
