#include "base/interrupt.hpp"

#include <signal.h>
#include <unistd.h>

#include "base/error.hpp"

namespace sluice::interrupt {

namespace {
std::atomic<bool> flag{false};
std::atomic<Hook> hook{nullptr};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<Hook>::is_always_lock_free);

void on_signal(int) {
  if (flag.exchange(true)) _exit(130);  // the second Ctrl-C: the person does not want to wait
  if (Hook h = hook.load()) h();
}
}  // namespace

void install() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), not a death
}

bool requested() { return flag.load(); }
void set_hook(Hook h) { hook.store(h); }

void check() {
  if (!requested()) return;
  ErrorContext context;
  context.exit = Exit::interrupted;
  throw Error("interrupted", context);
}

}  // namespace sluice::interrupt
