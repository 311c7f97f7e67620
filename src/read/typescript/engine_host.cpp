#include "read/typescript/engine_host.hpp"

#include <sys/time.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "read/typescript/engine_memory.hpp"

#include "wasm-rt-impl.h"

namespace sluice::read {

double steady_milliseconds() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace sluice::read

namespace {

using Host = qjs_host_a_instance_t;

constexpr u32 page_size = 65536;
constexpr u32 not_seekable = 70, not_supported = 52;  // WASI error numbers

u32 load32(const Host* host, u32 at) {
  u32 value = 0;
  if (u64{at} + 4 <= host->memory.size) std::memcpy(&value, host->memory.data + at, 4);
  return value;
}

void store(Host* host, u32 at, const void* bytes, u32 size) {
  if (u64{at} + size <= host->memory.size) std::memcpy(host->memory.data + at, bytes, size);
}

void store32(Host* host, u32 at, u32 value) { store(host, at, &value, 4); }

// Leaves the engine for good: jumps to the frame that entered it. No destructor may stand between here and there.
[[noreturn]] void give_up(Host* host, const char* what) {
  std::snprintf(host->fatal, sizeof host->fatal, "%s", what);
  wasm_rt_trap(WASM_RT_TRAP_UNREACHABLE);
  __builtin_unreachable();
}

}  // namespace

// The letters are the import names of the module; build/translate.mjs checks that the list has not changed.
extern "C" {

wasm_rt_memory_t* qjs_host_aZ_a(Host* host) { return &host->memory; }

// __assert_fail
void qjs_host_aZ_b(Host* host, u32 condition, u32, u32, u32) {
  char text[200] = "assertion failed inside the engine";
  if (condition < host->memory.size) {
    const size_t room = host->memory.size - condition;
    std::snprintf(text, sizeof text, "assertion failed inside the engine: %.*s", room < 120 ? int(room) : 120,
                  reinterpret_cast<const char*>(host->memory.data + condition));
  }
  give_up(host, text);
}

// fd_write: the engine's own debug output goes nowhere.
u32 qjs_host_aZ_c(Host* host, u32, u32 vectors, u32 count, u32 written) {
  u32 total = 0;
  for (u32 i = 0; i < count; i++) total += load32(host, vectors + 8 * i + 4);
  store32(host, written, total);
  return 0;
}

u32 qjs_host_aZ_d(Host*, u32) { return not_supported; }  // fd_close
u32 qjs_host_aZ_e(Host*, u32, u32) { return 0; }         // environ_get
u32 qjs_host_aZ_f(Host* host, u32 count, u32 size) {     // environ_sizes_get
  store32(host, count, 0);
  store32(host, size, 0);
  return 0;
}
u32 qjs_host_aZ_g(Host*, u32, u32, u32, u32) { return 0; }  // module name: no module loader
u32 qjs_host_aZ_h(Host*, u32, u32, u32) { return 0; }       // module source: no module loader

// The engine asks now and then whether it shall stop.
u32 qjs_host_aZ_i(Host* host, u32) {
  if (sluice::read::steady_milliseconds() > host->deadline_ms) host->timed_out = true;
  if (host->stop != nullptr && host->stop()) host->stopped = true;
  return host->timed_out || host->stopped;
}

u32 qjs_host_aZ_j(Host*, u32, f64) { return 0; }  // setitimer

// emscripten_resize_heap
u32 qjs_host_aZ_k(Host* host, u32 wanted) {
  const u64 pages = (u64{wanted} + page_size - 1) / page_size;
  if (pages > host->memory.max_pages) {
    host->memory_refused = true;
    return 0;
  }
  if (pages <= host->memory.pages) return 1;
  u64 grown = pages + pages / 5;
  if (grown > host->memory.max_pages) grown = host->memory.max_pages;
  const bool done = sluice::read::grow_memory(host->memory, u32(grown));
  if (!done) host->memory_refused = true;
  return done;
}

void qjs_host_aZ_l(Host*) {}  // runtimeKeepaliveClear

// localtime: always UTC, so that a schema reads the same everywhere.
void qjs_host_aZ_m(Host* host, u64 time, u32 at) {
  const time_t seconds = time_t(time);
  tm parts{};
  gmtime_r(&seconds, &parts);
  const int fields[] = {parts.tm_sec,
                        parts.tm_min,
                        parts.tm_hour,
                        parts.tm_mday,
                        parts.tm_mon,
                        parts.tm_year,
                        parts.tm_wday,
                        parts.tm_yday,
                        0,
                        0};
  store(host, at, fields, sizeof fields);
}

// tzset
void qjs_host_aZ_n(Host* host, u32 offset, u32 summer, u32 standard_name, u32 summer_name) {
  store32(host, offset, 0);
  store32(host, summer, 0);
  store(host, standard_name, "UTC", 4);
  store(host, summer_name, "UTC", 4);
}

u32 qjs_host_aZ_o(Host*, u32, u64, u32, u32) { return not_seekable; }  // fd_seek

// Date.now
f64 qjs_host_aZ_p(Host*) {
  timeval now{};
  gettimeofday(&now, nullptr);
  return std::floor(double(now.tv_sec) * 1e3 + double(now.tv_usec) / 1e3);
}

// clock_time_get
u32 qjs_host_aZ_q(Host* host, u32, u64, u32 at) {
  const u64 nanoseconds = u64(sluice::read::steady_milliseconds() * 1e6);
  store(host, at, &nanoseconds, 8);
  return 0;
}

void qjs_host_aZ_r(Host* host) { give_up(host, "the engine aborted"); }
void qjs_host_aZ_s(Host* host, u32) { give_up(host, "the engine tried to exit"); }
u32 qjs_host_aZ_t(Host*, u32, u32, u32, u32, u32) { return 0; }  // call of a host function: there are none
void qjs_host_aZ_u(Host*, u32, u32) {}                           // free of a host reference: there are none

}  // extern "C"
