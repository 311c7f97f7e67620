# What `sluice --version` says of the build. Included, it defines the target that runs this file again with every build,
# because the git revision changes without CMake being asked; only a change is written.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  file(READ ${PROJECT_SOURCE_DIR}/package.json package)
  foreach(part drizzle-orm drizzle-orm-v1 esbuild libpg-query @jitl/quickjs-ng-wasmfile-release-sync)
    string(JSON version GET ${package} dependencies ${part})
    string(REGEX REPLACE "^npm:[^@]*@" "" version ${version})
    list(APPEND versions ${version})
  endforeach()
  list(POP_FRONT versions stable next esbuild parser engine)
  if(NOT CMAKE_BUILD_TYPE)
    set(kind "no build type")
  else()
    string(TOLOWER ${CMAKE_BUILD_TYPE} kind)
  endif()
  set(sluice_build_data_source ${PROJECT_BINARY_DIR}/build_data.cpp)
  add_custom_target(sluice_build_data
    COMMAND ${CMAKE_COMMAND} -D source=${PROJECT_SOURCE_DIR} -D output=${sluice_build_data_source}
      -D "build=${kind}, ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}, ${CMAKE_SYSTEM_NAME} ${CMAKE_SYSTEM_PROCESSOR}"
      -D "parts=drizzle-orm ${stable} and ${next}, esbuild ${esbuild}, PostgreSQL's parser ${parser}, QuickJS-ng ${engine}"
      -P ${CMAKE_CURRENT_LIST_FILE}
    BYPRODUCTS ${sluice_build_data_source}
    COMMENT "Asking git for the revision" VERBATIM)
  return()
endif()

execute_process(COMMAND git -C ${source} rev-parse --short=12 HEAD OUTPUT_VARIABLE revision RESULT_VARIABLE failed
  ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND git -C ${source} rev-parse --show-toplevel OUTPUT_VARIABLE top ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
if(failed OR NOT top STREQUAL source)  # a copy inside of somebody else's repository has not that one's revision
  set(revision unknown)
else()
  execute_process(COMMAND git -C ${source} diff --quiet HEAD RESULT_VARIABLE changed ERROR_QUIET)
  if(changed)
    string(APPEND revision +)
  endif()
endif()
file(CONFIGURE OUTPUT ${output} CONTENT "// Made by cmake/build_data.cmake.
#include \"sluice/version.hpp\"

namespace sluice {
std::string_view build_data() {
  return \"  revision ${revision}\\n  build    ${build}\\n  parts    ${parts}\";
}
}  // namespace sluice
" @ONLY)
