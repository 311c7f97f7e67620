// `sluice studio`: the page and what it asks for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "studio/databases.hpp"
#include "studio/events.hpp"
#include "studio/guard.hpp"
#include "studio/http.hpp"
#include "studio/query.hpp"

namespace sluice::studio {

// What the page of migrations shows and does. The command gives it, since it knows the project: its configuration,
// review and plan are no business of this room. Each may throw Error. status, migration and
// preflight are called by several threads at once, the others by one.
struct Migrations {
  std::function<Json(const Database&)> status;                                    // folder and database
  std::function<Json(const std::string& tag)> migration;                          // SQL, review, way back
  std::function<Json(const Database&)> preflight;                                 // what pending ones would do
  std::function<Json(const Database&)> drift;                                     // what was changed by hand
  std::function<Json(const Database&, const std::string& to, Events&)> apply;     // to: "" for all
  std::function<Json(const Database&, const std::string& to, Events&)> rollback;  // to: the last one that stays
  std::function<Json(const Json& answers)> draft;                                 // of the schema as it is saved
  std::function<Json(const Json& answers)> generate;
};

struct Project {
  std::string directory, folder;  // for people
};

class Studio {
 public:
  Studio(HttpServer& server, std::vector<Database> databases, bool read_only, int timeout_seconds, Project project,
         Migrations migrations);

  // The address to open: it carries the token in its fragment, which browsers do not send.
  std::string address() const;
  Events& events() { return events_; }
  // Answers until an interrupt is requested.
  void run();

 private:
  Response answer(const Request& request);
  Response file(const std::string& path) const;
  Response api(const Request& request);
  Response send_export(const Request& request);
  Json post(const std::string& path, const Request& request);
  Json post_migrations(const std::string& what, const Json& body);
  Json save(const Json& body);

  HttpServer& server_;
  Guard guard_;
  Databases databases_;
  bool read_only_;
  Project project_;
  Migrations migrations_;
  Runs runs_;
  Events events_;
  std::mutex one_at_a_time_;  // migrations
};

}  // namespace sluice::studio
