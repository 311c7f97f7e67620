# What programs that say find_package(Sluice) can call.

# sluice_schema(app_schema HEADER src/schema.hpp TABLES app::users app::sessions …)
#
# A program that prints the schema that the header declares: what `schema: "cpp:build/app_schema"` in the configuration
# names. TABLES are all tables, and views, sequences, roles and enums that no table uses.
function(sluice_schema target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER" "TABLES;LINK")
  if(NOT arg_HEADER OR NOT arg_TABLES)
    message(FATAL_ERROR "sluice_schema(${target} HEADER <header> TABLES <table>...): HEADER or TABLES is missing")
  endif()
  get_filename_component(header ${arg_HEADER} ABSOLUTE)
  list(JOIN arg_TABLES ", " tables)
  set(main ${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp)
  file(CONFIGURE OUTPUT ${main} CONTENT "// Made by sluice_schema(); prints the schema for sluice.
#include <sluice/schema.hpp>

#include \"${header}\"

int main() { return sluice::pg::print_schema(sluice::pg::schema(${tables})); }
" @ONLY)
  add_executable(${target} ${main})
  target_link_libraries(${target} PRIVATE Sluice::sluice ${arg_LINK})
  target_compile_features(${target} PRIVATE cxx_std_20)
endfunction()

# sluice_embed_migrations(service DIR migrations)
#
# Compiles a migrations folder into the target, for sluice::migrate(database) of <sluice/migrate.hpp>. A migration that is
# added makes the target out of date.
function(sluice_embed_migrations target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DIR" "")
  if(NOT arg_DIR)
    message(FATAL_ERROR "sluice_embed_migrations(${target} DIR <folder>): DIR is missing")
  endif()
  get_filename_component(folder ${arg_DIR} ABSOLUTE)
  if(NOT EXISTS ${folder}/meta/_journal.json)
    message(FATAL_ERROR "sluice_embed_migrations(${target}): ${folder} is no migrations folder: it has no meta/_journal.json")
  endif()
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.sql ${folder}/meta/_journal.json ${folder}/meta/_sluice.sum)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}_migrations.cpp)
  add_custom_command(OUTPUT ${source} DEPENDS ${files} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/SluiceEmbed.cmake
    COMMAND ${CMAKE_COMMAND} -D folder=${folder} -D source=${source} -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/SluiceEmbed.cmake VERBATIM)
  target_sources(${target} PRIVATE ${source})
  target_link_libraries(${target} PRIVATE Sluice::sluice)
endfunction()
