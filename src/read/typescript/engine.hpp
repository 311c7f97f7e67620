// QuickJS-ng inside translated WebAssembly: runs JavaScript that can reach nothing of this machine. The script has an
// exact memory limit and a time limit. Only a defect of the engine itself, an access outside of its memory, would end
// the process (engine_memory.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sluice::read {

struct EngineLimits {
  int time_ms = 30'000;
  int memory_mb = 512;
  bool (*stop)() = nullptr;  // asked now and then; true ends the script
};

// What a script did wrong. For `exception`, `message` is "Name: text" and `stack` the engine's own trace.
class ScriptError : public std::runtime_error {
 public:
  enum class Kind { exception, time_limit, memory_limit, interrupted, engine };
  ScriptError(Kind what_kind, const std::string& message, std::string trace = {})
      : std::runtime_error(message), kind(what_kind), stack(std::move(trace)) {}

  Kind kind;
  std::string stack;
};

// One engine. Only one may be in use at a time in a process (the runtime of translated modules is global): the
// constructor waits for the previous one to be destroyed. All calls must come from within on_engine_stack().
class Engine {
 public:
  explicit Engine(EngineLimits limits);
  // Continues from a memory image made by save().
  Engine(std::string_view image, EngineLimits limits);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  // Evaluates a script and gives its value as a string. `name` stands in stack traces.
  std::string evaluate(std::string_view source, const char* name);
  // Runs promise jobs until none is left.
  void run_jobs();
  // The memory of the engine as it is now: only the pages that are not zero.
  std::string save() const;

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

// Runs `work` on a thread with a stack that is large enough for the deepest recursion the engine allows, whatever
// `ulimit -s` says, and gives back its exception.
void on_engine_stack(const std::function<void()>& work);

}  // namespace sluice::read
