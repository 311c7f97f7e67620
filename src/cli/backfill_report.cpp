#include "cli/backfill_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace sluice::cli {

namespace {

// 1234567 as 1,234,567.
std::string with_commas(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3) digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string bar(double part) {
  constexpr int width = 24;
  const int full = static_cast<int>(part * width);
  std::string out;
  for (int i = 0; i < width; i++) out += i < full ? "█" : "░";
  return out;
}

// "a transaction has been open for 901 s" a second later is still the same reason.
std::string kind_of(std::string paused) {
  std::erase_if(paused, [](char c) { return c >= '0' && c <= '9'; });
  return paused;
}

// A line on standard error that whatever is printed next overwrites.
void show(const std::string& line) { fmt::print(stderr, "\033[K{}\r", line); }

}  // namespace

std::string describe(const apply::StepReport& step) {
  std::string out = fmt::format("  {}/{} {}", step.number, step.total, step.statement);
  std::string more;
  if (!step.lock.empty()) more += step.lock + ", ";
  if (step.waited_ms >= 1) more += "waited " + text::duration(step.waited_ms) + ", ";
  if (step.retries > 0) more += fmt::format("{} {}, ", step.retries, step.retries == 1 ? "retry" : "retries");
  return out + "\n      " + more + "others waited " +
         (step.stall_ms < 1 ? std::string("not at all") : "at most " + text::duration(step.stall_ms)) + ", took " +
         text::duration(step.milliseconds);
}

std::string one_line(const apply::StepReport& step) {
  return text::replace_all(std::string(text::trim(describe(step))), "\n      ", ": ");
}

std::string one_line(const apply::BackfillProgress& now) {
  if (now.done) return now.table + ": " + with_commas(now.changed) + " rows in " + text::duration(now.seconds * 1000);
  const double part = now.total > 0 ? static_cast<double>(now.seen) / static_cast<double>(now.total) : 0;
  return now.table + fmt::format(": {:.0f} %", std::min(part, 1.0) * 100) +
         (now.paused.empty() ? (now.seconds_left ? ", " + text::duration(*now.seconds_left * 1000) + " left" : "")
                             : ", pauses: " + now.paused);
}

std::function<void(const apply::BackfillProgress&)> backfill_report(Terminal& terminal) {
  struct Said {
    std::string pause;                     // what kind of, while it lasts
    std::map<std::string, double> pauses;  // when each kind was told last
    bool told = false;
    double at = 0;
  };
  const bool on_terminal = terminal.draws();
  return [&terminal, on_terminal, said = std::make_shared<Said>()](const apply::BackfillProgress& now) {
    const double rate = now.seconds > 0 ? static_cast<double>(now.changed) / now.seconds : 0;
    const std::string pause = kind_of(now.paused);
    if (on_terminal && (now.done || pause != said->pause)) show("");
    if (now.done) {
      terminal.detail(
          fmt::format("  {}: {} rows in {}", now.table, with_commas(now.changed), text::duration(now.seconds * 1000)));
      *said = {};
      return;
    }
    if (pause != said->pause) {
      // A limit on what it does itself stops it again and again.
      const auto last = said->pauses.find(pause);
      const bool tell = !pause.empty() && (last == said->pauses.end() || now.seconds - last->second > 60);
      if (tell) {
        terminal.warning("backfill of " + now.table + " pauses: " + now.paused);
        said->pauses[pause] = now.seconds;
      } else if (pause.empty() && said->told) {
        terminal.detail("  " + now.table + ": goes on");
      }
      said->told = tell;
      said->pause = pause;
    }
    const double part = now.total > 0 ? static_cast<double>(now.seen) / static_cast<double>(now.total) : 0;
    const std::string left = now.seconds_left ? ", " + text::duration(*now.seconds_left * 1000) + " left" : "";
    if (on_terminal) {
      show(fmt::format("  {} {} {:3.0f} %  {}/s{}{}", now.table, bar(part), part * 100,
                       with_commas(static_cast<std::int64_t>(rate)), left, now.paused.empty() ? "" : "  (paused)"));
    } else if (now.seconds - said->at > 10) {
      said->at = now.seconds;
      terminal.detail(fmt::format("  {}: {:.0f} %, {} rows/s{}", now.table, part * 100,
                                  with_commas(static_cast<std::int64_t>(rate)), left));
    }
  };
}

}  // namespace sluice::cli
