// The judgement of `sluice review` in short, for commands that have just written a migration or are about to run one.
#pragma once

#include <string>

#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "ddl/catalog.hpp"
#include "review/review.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

// How the project wants its migrations judged: sluice.toml's [review], and Supabase's rules where the project or one of
// the texts looks like it. Throws Error if sluice.toml allows a rule that there is not.
review::Options review_options(const Config& config, const std::vector<std::string_view>& texts);
// True if the directory, or one above it, is a project of Supabase's own tool.
bool has_supabase(const fs::path& directory);

// Prints a line for each error and warning, and gives them as JSON. Notes are left out: the full review has them.
Json print_findings(const review::FileReview& reviewed, Terminal& terminal);

// Reviews the files in their order, the first of them after what the catalog has.
class Judgement {
 public:
  Judgement(const review::Options& options, ddl::Catalog before) : reviewer_(options, std::move(before)) {}

  // Prints what is found, and gives it as JSON. `connection`: the database that it is for; its sizes count.
  Json print(const std::string& name, const std::string& text, server::Connection* connection, Terminal& terminal);

 private:
  review::Reviewer reviewer_;
};

}  // namespace sluice::cli
