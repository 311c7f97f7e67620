// Small helpers on text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::text {

// The pieces of `s` between separators; an empty text gives one empty piece.
std::vector<std::string> split(std::string_view s, std::string_view separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
// `s` without white space (space, tab, CR, LF) at both ends.
std::string_view trim(std::string_view s);
std::string to_lower(std::string_view s);  // ASCII only
std::string replace_all(std::string s, std::string_view from, std::string_view to);
// The line (from 1) in which the byte at `offset` stands.
int line_of(std::string_view s, size_t offset);
// Line `line` (from 1) of `s`, without its end.
std::string_view line_at(std::string_view s, int line);
// Number of single-character edits that turn `a` into `b`; used for "did you mean".
size_t edit_distance(std::string_view a, std::string_view b);
// True if `s` matches the glob `pattern` (`*`, `?`, `**`, `[abc]`, `{a,b}`), path-wise: `*` does not cross '/'.
bool glob_match(std::string_view pattern, std::string_view s);
// "1.2 s", "340 ms", "2 min 5 s" for a duration in milliseconds.
std::string duration(double milliseconds);
// "1 table", "2 tables".
std::string counted(size_t n, std::string_view noun);

}  // namespace sluice::text
