// Random schemas as C++: what the writer writes is compiled, and what that program prints is the schema again. SCHEMAS
// is their number, SEED the first one; CXX the compiler.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/schema_named.hpp"
#include "random_schema.hpp"
#include "read/program/program.hpp"
#include "write/cpp.hpp"

namespace sluice::tests {

namespace {

namespace fs = std::filesystem;

unsigned long from_environment(const char* name, unsigned long otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != '\0' ? std::strtoul(text, nullptr, 10) : otherwise;
}

// Without what C++ has no word for.
model::Schema sayable(model::Schema schema) {
  for (model::View& view : model::all<model::View>(schema)) view.columns.clear();
  return schema;
}

TEST(CppWriter, RandomSchemasComeBack) {
  fs::path directory = fs::temp_directory_path() / ("sluice-cpp-" + std::to_string(getpid()));
  fs::create_directories(directory);
  unsigned long seed = from_environment("SEED", 1), count = from_environment("SCHEMAS", 2);
  for (unsigned long i = seed; i < seed + count; i++) {
    SCOPED_TRACE("SEED=" + std::to_string(i));
    model::Schema schema = sayable(Universe(i).draw().schema);
    write::Cpp written = write::cpp(schema);
    files::write_quickly(directory / "schema.hpp", written.header);
    files::write_quickly(directory / "main.cpp",
                         "#include \"schema.hpp\"\nint main() { return sluice::pg::print_schema(sluice::pg::schema(" +
                             text::join(written.tables, ", ") + ")); }\n");
    std::vector<std::string> command{SLUICE_CXX, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-I", SLUICE_INCLUDE};
    for (const std::string& flag : text::split(SLUICE_CXX_FLAGS, " "))
      if (!flag.empty()) command.push_back(flag);
    for (const std::string& more :
         {(directory / "main.cpp").string(), std::string("-o"), (directory / "program").string()})
      command.push_back(more);
    for (const std::string& library : text::split(SLUICE_LIBRARIES, " ")) command.push_back(library);
    process::Result compiled = process::run(command);
    ASSERT_EQ(compiled.exit_code, 0) << compiled.err.substr(0, 3000) << "\n" << written.header;
    model::Schema again = read::program_schema(directory / "program");
    std::string differences;
    for (const cli::SummaryLine& line : cli::summary(diff::compare(schema, again)))
      differences += line.sign + " " + line.text + "\n";
    EXPECT_EQ(differences, "") << written.header;
    EXPECT_TRUE(written.notes.empty());
  }
  fs::remove_all(directory);
}

}  // namespace

}  // namespace sluice::tests
