// Looks from a second connection at what the runner's session waits for, while one of its statements takes long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "server/connection.hpp"

namespace sluice::apply {

// Who blocks a session, one sentence each: pid, program, user, state, age, query. Empty if nobody does.
std::string describe_blockers(server::Connection& connection, int backend);

class LockWatch {
 public:
  // `report` is called from another thread, when somebody blocks the session for a second and when that changes. A
  // statement that waits for less long is looked at after `first_look`.
  LockWatch(server::Target target, std::function<void(const std::string&)> report,
            std::chrono::milliseconds first_look);
  ~LockWatch();
  LockWatch(const LockWatch&) = delete;
  LockWatch& operator=(const LockWatch&) = delete;

  // Between these two a statement runs in server process `backend`.
  void begin(int backend);
  void end();
  // How long statements have been seen waiting for others, all together.
  double waited_ms() const;
  // Who blocked the last statement when it was last looked at; empty if nobody was seen.
  std::string seen() const;

 private:
  void run();

  server::Target target_;
  std::function<void(const std::string&)> report_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  int backend_ = 0;         // 0: no statement runs
  unsigned statement_ = 0;  // counts them
  double waited_ms_ = 0;
  std::chrono::milliseconds first_look_;
  std::string last_report_, seen_;
  std::optional<server::Connection> connection_;  // of the thread; opened when first needed
  std::thread thread_;                            // last: it uses the others
};

}  // namespace sluice::apply
