// Ctrl-C and SIGTERM: a flag that long work looks at between its steps, and a hook to cancel what is running.
#pragma once

#include <atomic>

namespace sluice::interrupt {

// Installs handlers for SIGINT and SIGTERM. A second signal ends the process at once with exit code 130.
void install();
bool requested();
// Called from the signal handler (so it must be async-signal-safe); used by `server` to send a cancel request.
using Hook = void (*)();
void set_hook(Hook hook);
// Throws Error with Exit::interrupted if an interrupt was requested.
void check();

}  // namespace sluice::interrupt
