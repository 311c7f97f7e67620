#include "cli/dotenv.hpp"

#include <unistd.h>

#include <cctype>
#include <vector>

#include "base/files.hpp"
#include "base/text.hpp"

namespace sluice::cli {

namespace fs = std::filesystem;

Environment parse_dotenv(std::string_view content) {
  Environment out;
  size_t at = 0;
  auto line_end = [&](size_t from) { return std::min(content.find('\n', from), content.size()); };
  while (at < content.size()) {
    size_t end = line_end(at);
    std::string_view line = text::trim(content.substr(at, end - at));
    size_t next = end + 1;
    if (line.starts_with("export ")) line = text::trim(line.substr(7));
    size_t equals = line.find('=');
    if (!line.empty() && line[0] != '#' && equals != std::string_view::npos) {
      std::string name(text::trim(line.substr(0, equals)));
      std::string_view rest = text::trim(line.substr(equals + 1));
      std::string value;
      char quote = rest.empty() ? '\0' : rest[0];
      if (quote == '"' || quote == '\'' || quote == '`') {
        // A quoted value may go on over several lines.
        auto from = static_cast<size_t>(rest.data() - content.data()) + 1;
        size_t close = content.find(quote, from);
        while (quote == '"' && close != std::string_view::npos && content[close - 1] == '\\')
          close = content.find(quote, close + 1);
        if (close != std::string_view::npos) {
          value = std::string(content.substr(from, close - from));
          next = line_end(close) + 1;
          if (quote == '"') value = text::replace_all(text::replace_all(value, "\\n", "\n"), "\\r", "\r");
        }
      } else {
        size_t comment = rest.find('#');
        value = std::string(text::trim(rest.substr(0, comment)));
      }
      out[name] = value;
    }
    at = next;
  }
  return out;
}

namespace {

// The texts in quotes that name an .env file: '.env.local', "../../.env".
std::vector<std::string> quoted_env_files(std::string_view source) {
  std::vector<std::string> names;
  auto is_quote = [](char c) { return c == '\'' || c == '"' || c == '`'; };
  auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; };
  constexpr std::string_view extension = ".env";
  for (size_t at = source.find(extension); at != std::string_view::npos; at = source.find(extension, at + 1)) {
    size_t begin = at, end = at + extension.size();
    while (begin > 0 && !is_quote(source[begin - 1]) && !std::isspace(static_cast<unsigned char>(source[begin - 1])))
      begin--;
    while (end < source.size() && is_word(source[end])) end++;
    if (begin > 0 && is_quote(source[begin - 1]) && end < source.size() && is_quote(source[end]))
      names.emplace_back(source.substr(begin, end - begin));
  }
  return names;
}

}  // namespace

Environment load_environment(const fs::path& directory, const std::optional<fs::path>& config) {
  Environment out;
  for (char** entry = environ; *entry; entry++) {
    std::string_view text = *entry;
    if (size_t equals = text.find('='); equals != std::string_view::npos)
      out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  auto add = [&](const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) return;
    for (auto& [name, value] : parse_dotenv(files::read(file))) out.emplace(name, value);
  };
  std::string source = config ? files::read_if_exists(*config).value_or("") : "";
  for (const std::string& name : quoted_env_files(source)) add(directory / name);
  if (source.find("@next/env") != std::string::npos) {
    add(directory / ".env.development.local");
    add(directory / ".env.local");
    add(directory / ".env.development");
  }
  add(directory / ".env");
  if (source.find("dotenv-mono") != std::string::npos)
    for (fs::path up = directory; up != up.parent_path(); up = up.parent_path()) add(up / ".env");
  return out;
}

}  // namespace sluice::cli
