#include "base/trace.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <random>

namespace sluice::trace {

namespace {

std::function<void(const Record&)> collector;
std::atomic<bool> on = false;
std::mutex mutex;  // of the collector's calls
thread_local std::uint64_t inside = 0;

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::uint64_t new_id() {
  thread_local std::mt19937_64 random{(static_cast<std::uint64_t>(std::random_device{}()) << 32) ^
                                      std::random_device{}()};
  for (;;)
    if (const std::uint64_t id = random()) return id;
}

void tell(const Record& record) {
  const std::lock_guard lock(mutex);
  collector(record);
}

}  // namespace

void collect(std::function<void(const Record&)> given) {
  collector = std::move(given);
  on = true;
}

bool collected() { return on; }

std::uint64_t current() { return inside; }

Span::Span(std::string_view name, std::uint64_t parent) : Span(name, {}, parent) {}

Span::Span(std::string_view name, std::vector<std::pair<std::string, Value>> attributes, std::uint64_t parent)
    : on_(collected()), exceptions_(std::uncaught_exceptions()) {
  if (!on_) return;
  record_ = {new_id(), parent, std::string(name), now(), 0, std::move(attributes), false, ""};
  outer_ = std::exchange(inside, record_.id);
  tell(record_);
}

Span::~Span() {
  if (!on_) return;
  inside = outer_;
  record_.failed = record_.failed || std::uncaught_exceptions() > exceptions_;
  record_.end = now();
  tell(record_);
}

void Span::set(std::string name, Value value) {
  if (on_) record_.attributes.emplace_back(std::move(name), std::move(value));
}

void Span::fail(std::string_view why) {
  record_.failed = true;
  if (record_.error.empty()) record_.error = why;
}

}  // namespace sluice::trace
