// A migration with many steps, or one that moves data, is hard to read a year later.
#include "base/text.hpp"
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  size_t busy_statements = 0, data = 0;
  for (const Judged& judged : whole.file.statements) {
    bool old = false;
    for (const impact::Touched& item : judged.impact.touched)
      old = old || (!item.fresh && !item.created && item.lock > impact::Lock::row_exclusive);
    busy_statements += old;
    for (const impact::Touched& item : judged.impact.touched)
      data += !item.fresh && item.lock == impact::Lock::row_exclusive;
  }
  constexpr size_t many = 8;
  if (busy_statements < many && data == 0) return;
  for (const std::string& line : text::split(std::string(whole.text), "\n")) {
    std::string_view trimmed = text::trim(line);
    if (trimmed.starts_with("/*")) return;
    if (trimmed.starts_with("--") && !trimmed.starts_with("-->") && !trimmed.starts_with("-- Migration:") &&
        !trimmed.starts_with("-- Created:") && trimmed.find("sluice:allow") == std::string_view::npos)
      return;
  }
  report.add(data ? "data is moved without a word why"
                  : std::to_string(busy_statements) + " changes of existing tables without a word why",
             0);
}

}  // namespace

const Rule comment_missing{"SL508",
                           "comment-missing",
                           Level::note,
                           "A migration with many steps, or one that moves data, is hard to read a year later.",
                           "A comment that says why, above the first statement or the difficult one.",
                           nullptr,
                           check};

}  // namespace sluice::review
