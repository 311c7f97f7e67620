#include "read/program/program.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "model/beyond.hpp"
#include "model/snapshot.hpp"

namespace sluice::read {

model::Schema printed_schema(const std::string& printed, const std::string& name) {
  // Behind a form feed stands what the snapshot has no word for.
  size_t feed = std::min(printed.find('\f'), printed.size());
  model::Snapshot snapshot = model::parse_snapshot(printed.substr(0, feed), name);
  if (feed < printed.size()) model::read_beyond(snapshot, std::string_view(printed).substr(feed + 1), name);
  return snapshot.schema;
}

model::Schema program_schema(const std::filesystem::path& program) {
  std::string name = program.filename().string();
  ErrorContext context;
  context.at.file = program.string();
  if (!std::filesystem::is_regular_file(program) || access(program.c_str(), X_OK) != 0) {
    context.hint = "Build it first: cmake --build <build directory> --target " + name + ". sluice_schema(" + name +
                   " HEADER … TABLES …) in CMakeLists.txt makes it.";
    throw Error(std::filesystem::exists(program) ? "the schema program " + name + " cannot be executed"
                                                 : "there is no schema program " + name,
                context);
  }
  process::Result result = process::run({program.string()});
  if (result.exit_code != 0) {
    std::string said(text::trim(result.err));
    context.detail = said.empty() ? "It said nothing." : said;
    throw Error("the schema program " + name + " failed with exit code " + std::to_string(result.exit_code), context);
  }
  if (!text::trim(result.out).starts_with('{')) {
    context.detail = "It printed: " + std::string(text::trim(result.out).substr(0, 200));
    context.hint = "A schema program is made by sluice_schema() in CMakeLists.txt.";
    throw Error(name + " is no schema program", context);
  }
  return printed_schema(result.out, program.string());
}

}  // namespace sluice::read
