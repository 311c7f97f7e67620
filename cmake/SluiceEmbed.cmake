# cmake -D folder=… -D source=… -P SluiceEmbed.cmake: the files of a migrations folder as a C++ source.
file(GLOB files RELATIVE ${folder} ${folder}/*.sql ${folder}/meta/_journal.json ${folder}/meta/_sluice.sum)
set(text "// Made by sluice_embed_migrations() of ${folder}.
#include <sluice/migrate.hpp>

namespace {
")
set(table "")
set(number 0)
foreach(file IN LISTS files)
  file(READ ${folder}/${file} bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND text "constexpr unsigned char file_${number}[] = {${bytes}0};\n")
  string(APPEND table "    {\"${file}\", file_${number}, sizeof file_${number} - 1},\n")
  math(EXPR number "${number} + 1")
endforeach()
string(APPEND text "constexpr sluice::embedded_file files[] = {
${table}};
}  // namespace

namespace sluice {
std::span<const embedded_file> embedded_migrations() { return files; }
}  // namespace sluice
")
file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)
