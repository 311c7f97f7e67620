#include "studio/events.hpp"

#include <chrono>

#include "base/interrupt.hpp"

namespace sluice::studio {

void Events::push(const nlohmann::json& event) {
  const std::lock_guard lock(mutex_);
  recent_.push_back(event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  if (recent_.size() > 200) {
    recent_.pop_front();
    first_++;
  }
  changed_.notify_all();
}

void Events::stream(const Response::Write& write) {
  std::unique_lock lock(mutex_);
  size_t next = first_ + recent_.size();
  bool open = write(": hello\n\n");
  for (int quiet = 0; open && !interrupt::requested();) {
    changed_.wait_for(lock, std::chrono::milliseconds(200));
    std::string text;
    for (next = std::max(next, first_); next < first_ + recent_.size(); next++)
      text += "data: " + recent_[next - first_] + "\n\n";
    // A comment now and then finds out that the page is gone.
    if (text.empty() && ++quiet % 50 == 0) text = ": still here\n\n";
    if (text.empty()) continue;
    lock.unlock();
    open = write(text);
    lock.lock();
  }
}

}  // namespace sluice::studio
