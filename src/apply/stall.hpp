// How long others wait for a session of ours, seen from a second connection; with a limit, the session is cancelled
// before it is reached.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "server/connection.hpp"

namespace sluice::apply {

class StallWatch {
 public:
  explicit StallWatch(server::Target target);
  ~StallWatch();
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

  // Between these two server process `backend` works on one step.
  void begin(int backend, std::optional<std::chrono::milliseconds> limit);
  struct Seen {
    double stall_ms = 0;     // the longest that anybody waited behind the session
    double waited_ms = 0;    // how long the session itself waited for locks
    bool cancelled = false;  // for the limit's sake
  };
  Seen end();

 private:
  void run();
  void look(std::unique_lock<std::mutex>& lock);

  server::Target target_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  int backend_ = 0;    // 0: nothing to watch
  unsigned step_ = 0;  // counts them
  std::optional<std::chrono::milliseconds> limit_;
  Seen seen_;
  struct Behind {
    double stall_ms = 0;
    std::chrono::steady_clock::time_point at = {};
  } behind_;                                      // who waited when the thread looked last
  std::optional<server::Connection> connection_;  // of the thread
  std::thread thread_;                            // last: it uses the others
};

// What one step of a file did.
struct StepReport {
  size_t number = 0, total = 0;
  std::string statement = {};  // its first one, on one line
  std::string lock = {};       // the strongest that it held: "ACCESS EXCLUSIVE on sessions"; empty: none worth a word
  double milliseconds = 0, stall_ms = 0, waited_ms = 0;
  int retries = 0;
};

// The strongest lock that the session holds on a table now. Inside its transaction.
std::string strongest_lock(server::Connection& connection);

}  // namespace sluice::apply
