#include "case_file.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/files.hpp"
#include "base/text.hpp"

namespace sluice::tests {

CaseFile CaseFile::read(const std::filesystem::path& path) {
  CaseFile file;
  file.path = path;
  std::string* into = &file.about;
  std::vector<std::string> lines = text::split(files::read(path), "\n");
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (const std::string& line : lines) {
    if (line.starts_with("-- ") && line.ends_with(" --") && line.size() > 6) {
      file.sections.emplace_back(line.substr(3, line.size() - 6), "");
      into = &file.sections.back().second;
    } else {
      *into += line + "\n";
    }
  }
  return file;
}

const std::string* CaseFile::find(const std::string& name) const {
  for (const auto& [section, content] : sections)
    if (section == name) return &content;
  return nullptr;
}

std::vector<std::string> CaseFile::lines(const std::string& name) const {
  std::vector<std::string> out;
  if (const std::string* content = find(name))
    for (const std::string& line : text::split(*content, "\n"))
      if (!line.empty() && line[0] != '#') out.push_back(line);
  return out;
}

void CaseFile::set(const std::string& name, const std::string& content) {
  auto found = std::find_if(sections.begin(), sections.end(), [&](const auto& s) { return s.first == name; });
  if (found != sections.end()) {
    if (content.empty())
      sections.erase(found);
    else
      found->second = content;
  } else if (!content.empty()) {
    sections.emplace_back(name, content);
  }
}

void CaseFile::write() const {
  std::string out = about;
  for (const auto& [name, content] : sections) out += "-- " + name + " --\n" + content;
  files::write_atomically(path, out);
}

std::vector<std::filesystem::path> case_files(const std::string& folder) {
  return files::glob(std::filesystem::path(SLUICE_TEST_CASES) / folder, "**/*.case");
}

bool update_wanted() {
  const char* update = std::getenv("UPDATE");
  return update && std::string_view(update) == "1";
}

}  // namespace sluice::tests
