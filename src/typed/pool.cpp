#include <condition_variable>
#include <mutex>

#include "sluice/database.hpp"

namespace sluice::pg {

struct Pool::state {
  std::string url;
  pool_options options;
  std::mutex mutex;
  std::condition_variable returned;
  std::vector<std::unique_ptr<Database>> idle;
  std::size_t open = 0;  // idle and lent
};

Pool::Pool(std::string url, pool_options options) : state_(std::make_shared<state>()) {
  state_->url = std::move(url);
  state_->options = std::move(options);
  if (state_->options.size == 0) throw Error("a pool of no connections");
}
Pool::~Pool() = default;

std::size_t Pool::connections() const {
  std::lock_guard lock(state_->mutex);
  return state_->open;
}

Lease Pool::acquire() {
  std::unique_lock lock(state_->mutex);
  bool free = state_->returned.wait_for(lock, state_->options.acquire_timeout,
                                        [&] { return !state_->idle.empty() || state_->open < state_->options.size; });
  if (!free)
    throw Error("all " + std::to_string(state_->options.size) + " connections of the pool are in use, for " +
                std::to_string(state_->options.acquire_timeout.count()) + " ms now");
  // The one that came back last: the others may time out and be closed by somebody.
  if (!state_->idle.empty()) {
    std::unique_ptr<Database> database = std::move(state_->idle.back());
    state_->idle.pop_back();
    return {state_, std::move(database)};
  }
  state_->open++;
  lock.unlock();
  try {
    return {state_, std::make_unique<Database>(state_->url, state_->options.database)};
  } catch (...) {
    lock.lock();
    state_->open--;
    lock.unlock();
    state_->returned.notify_one();
    throw;
  }
}

Lease::Lease(std::shared_ptr<Pool::state> pool, std::unique_ptr<Database> database)
    : pool_(std::move(pool)), database_(std::move(database)) {}
Lease::Lease(Lease&&) noexcept = default;
Lease::~Lease() {
  if (!database_) return;
  bool good = Pool::keep(*database_);
  {
    std::lock_guard lock(pool_->mutex);
    if (good)
      pool_->idle.push_back(std::move(database_));
    else
      pool_->open--;
  }
  database_.reset();
  pool_->returned.notify_one();
}

bool Pool::keep(Database& database) noexcept { return database.clean_for_pool(); }

}  // namespace sluice::pg
