// The safety checklist of a release: before generating, before committing, before deploying. Each line is answered with
// yes, with no and the reason, or with what only a person can say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

struct ReleaseOptions {
  Overrides overrides;
  std::optional<std::string> since;  // a git revision: the release is what is new since then
};

// Walks the checklist, prints it, and gives Exit::findings if a line is answered with no.
Exit check_release(const ReleaseOptions& options, Terminal& terminal);

}  // namespace sluice::cli
