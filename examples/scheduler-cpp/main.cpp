// scheduler DATABASE_URL: brings the database up to date, and lists what tutors have earned and who is next.
#include <cstdio>
#include <sluice/migrate.hpp>

#include "scheduler.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: scheduler DATABASE_URL\n");
    return 1;
  }
  try {
    sluice::pg::Database db(argv[1], {.application_name = "scheduler", .timeout = std::chrono::seconds(10)});
    for (const auto& applied : sluice::migrate(db)) std::printf("applied %s\n", applied.name.c_str());
    auto tutors =
        db.query(app::tutors)
            .with(one(app::tutors.user_id), many(app::sessions.tutor_id).where(app::sessions.status == "scheduled"))
            .order_by(app::tutors.created_at)
            .all();
    for (const auto& tutor : tutors)
      std::printf("%s: %zu scheduled\n", tutor[app::tutors.user_id].full_name.c_str(),
                  tutor[app::sessions.tutor_id].size());
    std::printf("%zu tutors\n", tutors.size());
  } catch (const sluice::pg::Error& error) {
    std::fprintf(stderr, "scheduler: %s\n", error.what());
    return 1;
  }
}
