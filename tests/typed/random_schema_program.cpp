// A random schema as C++, for round_trip.mjs: schema.hpp with the sources of its program, and the snapshot that the
// program must print.
//
//   random_schema SEED DIRECTORY
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/files.hpp"
#include "base/text.hpp"
#include "model/snapshot.hpp"
#include "random_schema.hpp"
#include "write/cpp.hpp"

int main(int argc, char** argv) {
  using namespace sluice;
  if (argc != 3) return 2;
  std::filesystem::path directory = argv[2];
  model::Snapshot snapshot{"a", "b", "7", tests::Universe(std::strtoul(argv[1], nullptr, 10)).draw().schema};
  // What C++ has no word for.
  for (model::View& view : model::all<model::View>(snapshot.schema)) view.columns.clear();
  write::Cpp written = write::cpp(snapshot.schema);
  for (const std::string& note : written.notes) std::fprintf(stderr, "%s\n", note.c_str());
  files::write_quickly(directory / "schema.hpp", written.header);
  files::write_quickly(directory / "main.cpp",
                       "#include \"schema.hpp\"\nint main() { return sluice::pg::print_schema(sluice::pg::schema(" +
                           text::join(written.tables, ", ") + ")); }\n");
  files::write_quickly(directory / "snapshot.json", model::print_snapshot(snapshot));
  return written.notes.empty() ? 0 : 1;
}
