// What happens while a page is open, told to every page: a schema file was saved, a migration is being applied.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "studio/http.hpp"

namespace sluice::studio {

class Events {
 public:
  void push(const nlohmann::json& event);
  // As text/event-stream, until nobody listens or the program ends.
  void stream(const Response::Write& write);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> recent_;
  size_t first_ = 0;  // number of recent_.front()
};

}  // namespace sluice::studio
