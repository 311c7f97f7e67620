// What the translated QuickJS module asks of its host: about twenty functions, none of which reaches the system.
#pragma once

#include <cstdint>

extern "C" {
#include "qjs.h"

// The translated code knows this type only by name; every import gets a pointer to it.
struct qjs_host_a_instance_t {
  wasm_rt_memory_t memory;
  double deadline_ms;  // steady clock
  bool (*stop)();      // may be null: another reason to stop
  bool timed_out;
  bool stopped;
  bool memory_refused;  // the script asked for more than the limit
  char fatal[256];      // text of an assertion or abort inside the engine
};
}

namespace sluice::read {

double steady_milliseconds();

}  // namespace sluice::read
