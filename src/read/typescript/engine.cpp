#include "read/typescript/engine.hpp"

#include <pthread.h>

#include <cstring>
#include <exception>
#include <mutex>
#include <vector>

#include "read/typescript/engine_host.hpp"
#include "read/typescript/engine_memory.hpp"
#include "read/typescript/memory_image.hpp"
#include "read/typescript/thrown_value.hpp"

#include "qjs_names.h"
#include "wasm-rt-impl.h"

namespace sluice::read {

namespace {

constexpr u32 initial_pages = 256;  // what the module itself asks for: 16 MB
constexpr u32 pages_per_megabyte = 16;
constexpr u32 script_stack = 900 * 1024;  // RangeError comes at this depth; the module's own stack has 1 MB and more
constexpr size_t thread_stack = size_t{128} << 20;  // reserved, not used: deep recursion takes about 20 MB of it

std::mutex& engine_mutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

struct Engine::Machine {
  std::unique_lock<std::mutex> alone{engine_mutex()};
  qjs_host_a_instance_t host{};
  Z_qjs_instance_t module{};
  u32 runtime = 0, context = 0;
  bool broken = false;  // after a trap nothing inside may be called again

  ~Machine() {
    Z_qjs_free(&module);
    release_memory(host.memory);
  }

  void start(EngineLimits limits, u32 pages) {
    host.deadline_ms = steady_milliseconds() + limits.time_ms;
    host.stop = limits.stop;
    const u32 most = u32(limits.memory_mb) * pages_per_megabyte;
    wasm_rt_init();
    Z_qjs_init_module();
    reserve_memory(host.memory, pages, most > pages ? most : pages);
  }

  // Enters the engine. A trap inside jumps back here, past every frame in between: `call` and what it calls may own
  // nothing, which is why the steps below are plain functions on plain structs.
  template <class Call>
  void enter(void (*step)(Machine*, Call*), Call* call) {
    if (broken) throw ScriptError(ScriptError::Kind::engine, "the JavaScript engine was stopped before");
    address_memory(host.memory);
    const auto trap = wasm_rt_trap_t(wasm_rt_impl_try());
    if (trap == WASM_RT_TRAP_NONE) {
      step(this, call);
      return;
    }
    broken = true;
    check_limits();
    throw ScriptError(ScriptError::Kind::engine,
                      host.fatal[0] != '\0' ? std::string(host.fatal) : std::string(wasm_rt_strerror(trap)));
  }

  void check_limits() {
    if (host.stopped) throw ScriptError(ScriptError::Kind::interrupted, "interrupted");
    if (host.timed_out) throw ScriptError(ScriptError::Kind::time_limit, "time limit");
    // Also when the script caught it: what it made of that is not what it would make elsewhere.
    if (host.memory_refused) throw ScriptError(ScriptError::Kind::memory_limit, "memory limit");
  }

  // QuickJS counts references; its collector of cycles looks at everything each time the memory has grown by half, for
  // nothing in the short life of a schema. The threshold has no setter among the exports: it is the one word at the
  // start of the runtime that holds the engine's default. If that is not found, all stays as it is.
  static void collect_rarely(Machine* m) {
    constexpr u32 default_threshold = 256 * 1024, rarely = 64 << 20, near = 256;
    u32 found = 0, count = 0;
    for (u32 at = m->runtime; at < m->runtime + near; at += 4) {
      u32 value = 0;
      std::memcpy(&value, m->host.memory.data + at, sizeof value);
      if (value == default_threshold) found = at, count++;
    }
    if (count == 1) std::memcpy(m->host.memory.data + found, &rarely, sizeof rarely);
  }

  // A copy of the zero-terminated text at `at`.
  std::string text(u32 at) const {
    if (at == 0 || at >= host.memory.size) return {};
    const auto* begin = reinterpret_cast<const char*>(host.memory.data + at);
    return {begin, strnlen(begin, size_t(host.memory.size - at))};
  }
};

namespace {

struct Evaluation {
  const char* source;
  size_t size;
  const char* name;
  u32 value = 0, text = 0, error = 0;
  bool no_memory = false;
};

}  // namespace

Engine::Engine(EngineLimits limits) : machine_(std::make_unique<Machine>()) {
  machine_->start(limits, initial_pages);
  struct Nothing {
  } nothing;
  machine_->enter<Nothing>(
      [](Machine* m, Nothing*) {
        Z_qjs_instantiate(&m->module, &m->host);
        QTS_run_constructors(&m->module);
        m->runtime = QTS_NewRuntime(&m->module);
        QTS_RuntimeSetMaxStackSize(&m->module, m->runtime, script_stack);
        QTS_RuntimeEnableInterruptHandler(&m->module, m->runtime);
        m->context = QTS_NewContext(&m->module, m->runtime, 0);
        Machine::collect_rarely(m);
      },
      &nothing);
}

Engine::Engine(std::string_view image, EngineLimits limits) : machine_(std::make_unique<Machine>()) {
  const MemoryImage pages(image);
  machine_->start(limits, pages.header().wasm_pages);
  struct Nothing {
  } nothing;
  machine_->enter<Nothing>([](Machine* m, Nothing*) { Z_qjs_instantiate(&m->module, &m->host); }, &nothing);
  pages.restore(machine_->host.memory.data, size_t(machine_->host.memory.size));
  machine_->module.w2c_g0 = pages.header().stack_pointer;
  machine_->runtime = pages.header().runtime;
  machine_->context = pages.header().context;
}

Engine::~Engine() = default;

std::string Engine::evaluate(std::string_view source, const char* name) {
  Evaluation call{source.data(), source.size(), name};
  machine_->enter<Evaluation>(
      [](Machine* m, Evaluation* e) {
        const u32 name_size = u32(std::strlen(e->name)) + 1;
        const u32 code = QTS_malloc(&m->module, u32(e->size) + 1);
        const u32 file = QTS_malloc(&m->module, name_size);
        if (code == 0 || file == 0) {
          e->no_memory = true;
          return;
        }
        std::memcpy(m->host.memory.data + code, e->source, e->size);
        m->host.memory.data[code + e->size] = 0;
        std::memcpy(m->host.memory.data + file, e->name, name_size);
        e->value = QTS_Eval(&m->module, m->context, code, u32(e->size), file, 0, 0);
        QTS_free(&m->module, code);
        QTS_free(&m->module, file);
        e->error = QTS_ResolveException(&m->module, m->context, e->value);
        if (m->host.timed_out || m->host.stopped) return;
        e->text = e->error != 0 ? QTS_Dump(&m->module, m->context, e->error)
                                : QTS_GetString(&m->module, m->context, e->value);
      },
      &call);
  machine_->check_limits();
  if (call.no_memory) throw ScriptError(ScriptError::Kind::memory_limit, "memory limit");
  std::string text = machine_->text(call.text);
  if (call.error == 0) {
    machine_->enter<Evaluation>(
        [](Machine* m, Evaluation* e) {
          if (e->text != 0) QTS_FreeCString(&m->module, m->context, e->text);
          QTS_FreeValuePointer(&m->module, m->context, e->value);
        },
        &call);
    return text;
  }
  const ThrownValue thrown = parse_thrown(text);
  throw ScriptError(ScriptError::Kind::exception, thrown.message, thrown.stack);
}

void Engine::run_jobs() {
  struct Jobs {
    u32 slot = 0;
    bool more = true;
  } jobs;
  while (jobs.more) {
    machine_->enter<Jobs>(
        [](Machine* m, Jobs* j) {
          if (j->slot == 0) j->slot = QTS_malloc(&m->module, 4);
          j->more = j->slot != 0 && QTS_IsJobPending(&m->module, m->runtime) != 0;
          if (j->more) {
            const u32 done = QTS_ExecutePendingJob(&m->module, m->runtime, 100, j->slot);
            QTS_FreeValuePointer(&m->module, m->context, done);
          }
          if (!j->more && j->slot != 0) QTS_free(&m->module, j->slot);
        },
        &jobs);
    machine_->check_limits();
  }
}

std::string Engine::save() const {
  MemoryImage::Header header;
  header.stack_pointer = machine_->module.w2c_g0;
  header.runtime = machine_->runtime;
  header.context = machine_->context;
  header.wasm_pages = machine_->host.memory.pages;
  return MemoryImage::make(
      header, {reinterpret_cast<const char*>(machine_->host.memory.data), size_t(machine_->host.memory.size)});
}

void on_engine_stack(const std::function<void()>& work) {
  struct Task {
    const std::function<void()>& work;
    std::exception_ptr failure;
  } task{work, nullptr};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, thread_stack);
  pthread_t thread{};
  const int failed = pthread_create(
      &thread, &attributes,
      [](void* argument) -> void* {
        auto* t = static_cast<Task*>(argument);
        try {
          t->work();
        } catch (...) {
          t->failure = std::current_exception();
        }
        return nullptr;
      },
      &task);
  pthread_attr_destroy(&attributes);
  if (failed != 0)
    throw ScriptError(ScriptError::Kind::engine, std::string("cannot start a thread: ") + strerror(failed));
  pthread_join(thread, nullptr);
  if (task.failure) std::rethrow_exception(task.failure);
}

}  // namespace sluice::read
