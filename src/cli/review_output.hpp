// A review for people and for programs: text, JSON, SARIF 2.1.0, annotations for GitHub and GitLab, a Markdown summary.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.hpp"
#include "review/review.hpp"

namespace sluice::cli {

// A file that was reviewed, with its text for the excerpts.
struct Reviewed {
  std::string path;  // as people type it
  std::string text;
  review::FileReview review;
};

struct Totals {
  size_t errors = 0, warnings = 0, notes = 0, allowed = 0, statements = 0;
};
Totals totals(const std::vector<Reviewed>& files);
std::string sentence(const Totals& totals, size_t files);

// One finding with its line and a caret, in colours if the terminal has them.
std::string finding_text(const Reviewed& file, const review::Finding& finding, const Terminal& terminal);
// What the statements of a file lock and do, one line each.
std::string impact_text(const review::FileReview& file);
Json review_json(const std::vector<Reviewed>& files, int version);
Json sarif(const std::vector<Reviewed>& files);
Json gitlab(const std::vector<Reviewed>& files);
// False for what is allowed, and for notes unless they are wanted.
bool is_shown(const review::Finding& finding, bool notes);
// `notes`: these too.
std::string github(const std::vector<Reviewed>& files, bool notes);
std::string markdown(const std::vector<Reviewed>& files, bool notes);

}  // namespace sluice::cli
