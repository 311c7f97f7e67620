// meta/_journal.json, as drizzle-kit writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "history/folder.hpp"

namespace sluice::history {

// Throws Error with the line: not JSON (with a word on merge conflicts), another dialect, a member missing.
std::vector<Entry> parse_journal(std::string_view content, const std::string& file);
// Two spaces, no newline at the end: byte for byte drizzle-kit 0.31.11.
std::string print_journal(const std::vector<Entry>& entries);

}  // namespace sluice::history
