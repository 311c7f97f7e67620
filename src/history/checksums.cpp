#include "history/checksums.hpp"

#include "base/files.hpp"
#include "base/text.hpp"

namespace sluice::history {

namespace {
std::string link(const std::string& chain, const Checksum& checksum) {
  return files::sha256(chain + checksum.file + " " + checksum.hash);
}
}  // namespace

std::string print_checksums(const std::vector<Checksum>& migrations) {
  std::string out, chain;
  for (const Checksum& migration : migrations) {
    chain = link(chain, migration);
    out += migration.file + " " + migration.hash + " " + chain + "\n";
  }
  return out;
}

std::string own_checksum(const std::string& hash) { return print_checksums({{"migration.sql", hash}}); }

std::vector<Checksum> parse_checksums(std::string_view content, int& broken) {
  std::vector<Checksum> out;
  std::string chain;
  int number = 0;
  broken = 0;
  for (const std::string& line : text::split(content, "\n")) {
    number++;
    std::string trimmed(text::trim(line));
    if (trimmed.empty()) continue;
    // The name may hold spaces; the two hashes may not.
    size_t last = trimmed.rfind(' ');
    size_t middle = last == std::string::npos || last == 0 ? std::string::npos : trimmed.rfind(' ', last - 1);
    if (middle == std::string::npos) {
      if (!broken) broken = number;
      continue;
    }
    Checksum checksum{trimmed.substr(0, middle), trimmed.substr(middle + 1, last - middle - 1)};
    chain = link(chain, checksum);
    if (chain != trimmed.substr(last + 1) && !broken) broken = number;
    out.push_back(std::move(checksum));
  }
  return out;
}

}  // namespace sluice::history
