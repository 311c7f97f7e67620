// Tells when source files are saved: inotify on their directories, since editors write a new file and rename it.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <vector>

#include "cli/config.hpp"

namespace sluice::cli {

class FileWatch {
 public:
  FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;
  ~FileWatch();

  // Also these directories; those that are gone are passed over.
  void add(const std::set<fs::path>& directories);
  // Waits until something in them was saved and a moment has passed without more (formatters write again), or an
  // interrupt is requested. False for the latter.
  bool wait();

 private:
  int descriptor_ = -1;
  std::set<fs::path> watched_;
};

// The directories of the schema files and below, and of the configuration; node_modules and hidden ones are left out.
std::set<fs::path> source_directories(const Config& config);

}  // namespace sluice::cli
