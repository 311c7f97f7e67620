// meta/_sluice.sum: one line for each migration, "<tag>.sql <SHA-256 of the file> <chain>", where the chain is the
// SHA-256 of the chain before it and this line's first two fields. So an edited, deleted or inserted migration is seen,
// and two branches that both add one conflict in git. In a folder of drizzle-kit 1.0 each migration has a file of one
// such line in its own folder: there two branches are told apart by the snapshots.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::history {

struct Checksum {
  std::string file, hash;
};

// In the place of the hash: the file was made to be written by hand, and no migration has followed it yet.
inline constexpr std::string_view unwritten = "-";

// The file of one migration in a folder of drizzle-kit 1.0.
std::string own_checksum(const std::string& hash);
std::string print_checksums(const std::vector<Checksum>& migrations);
// The lines of the file; `broken` is the number (from 1) of the first line that does not follow from the ones before
// it, 0 if all do.
std::vector<Checksum> parse_checksums(std::string_view content, int& broken);

}  // namespace sluice::history
