// What a run does, as spans: a run has migrations, they have steps, those have statements. They cost nothing unless
// somebody collects them. Names and attributes are those of OpenTelemetry where it has one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::trace {

using Value = std::variant<std::string, std::int64_t, double, bool>;

struct Record {
  std::uint64_t id = 0, parent = 0;  // 0: none
  std::string name;
  std::int64_t start = 0, end = 0;  // nanoseconds since 1970; end is 0 while it lasts
  std::vector<std::pair<std::string, Value>> attributes;
  bool failed = false;
  std::string error;  // why; may be empty
};

// From now on `collector` gets each span when it begins and again when it ends, one call at a time, from any thread. It
// must not throw. Nothing takes it away again: it is one program's.
void collect(std::function<void(const Record&)> collector);
bool collected();

// The span that this thread is in; 0: none.
std::uint64_t current();

// A span from here to the end of the block, inside the one that this thread is in (or `parent`, which another thread is
// in). It has failed if an exception leaves the block.
class Span {
 public:
  explicit Span(std::string_view name, std::uint64_t parent = current());
  // With attributes that are known when it begins.
  Span(std::string_view name, std::vector<std::pair<std::string, Value>> attributes, std::uint64_t parent = current());
  ~Span();
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  void set(std::string name, Value value);
  void fail(std::string_view why);

 private:
  bool on_;
  int exceptions_;
  std::uint64_t outer_ = 0;  // what this thread was in before
  Record record_;
};

}  // namespace sluice::trace
