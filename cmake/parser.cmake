# PostgreSQL 18's own parser, from the npm package libpg-query: WebAssembly translated to C by wasm2c.
# Include it after typescript.cmake, which installs the npm packages and builds wasm2c's run time.

set(parser_build ${PROJECT_BINARY_DIR}/parser)
file(MAKE_DIRECTORY ${parser_build})
set(parser_package ${ts_packages}/libpg-query/wasm)
add_custom_command(
  OUTPUT ${parser_build}/libpg-query.wasm ${parser_build}/libpg-query.js
  COMMAND ${CMAKE_COMMAND} -E copy_if_different ${parser_package}/libpg-query.wasm ${parser_package}/libpg-query.js
    ${parser_build}
  DEPENDS ${ts_npm}/installed
  VERBATIM)
add_custom_command(
  OUTPUT ${parser_build}/pgparser.c ${parser_build}/pgparser.h ${parser_build}/pgparser_names.h
  COMMAND ${SLUICE_WASM2C} --module-name=pgparser ${parser_build}/libpg-query.wasm -o ${parser_build}/pgparser.c
  COMMAND ${SLUICE_NODE} ${PROJECT_SOURCE_DIR}/src/sql/build/parser_names.mjs ${parser_build}/libpg-query.js
    ${parser_build}/pgparser
  DEPENDS ${parser_build}/libpg-query.wasm ${parser_build}/libpg-query.js
    ${PROJECT_SOURCE_DIR}/src/sql/build/parser_names.mjs
  COMMENT "Translating PostgreSQL's parser to C"
  VERBATIM)
add_library(sluice_pgparser STATIC ${parser_build}/pgparser.c ${parser_build}/pgparser.h ${parser_build}/pgparser_names.h)
# PostgreSQL leaves its parser by longjmp on a syntax error, and a trap leaves it too: both are C++ exceptions here
# (src/sql/parser_host.cpp), so that frames of ours on the way are left properly. The depth of calls is counted, so that
# a statement nested too deeply is an error and not the end of the process.
target_compile_options(sluice_pgparser PRIVATE -w -O1 -g0 -fexceptions -fno-strict-aliasing)
target_compile_definitions(sluice_pgparser PRIVATE WASM_RT_MEMCHECK_SIGNAL_HANDLER=0 WASM_RT_USE_STACK_DEPTH_COUNT=1
  WASM_RT_MAX_CALL_STACK_DEPTH=8000 wasm_rt_trap=sluice_pgparser_trap
  wasm_rt_call_stack_depth=sluice_pgparser_call_depth)
target_include_directories(sluice_pgparser SYSTEM PUBLIC $<BUILD_INTERFACE:${parser_build}>
  $<BUILD_INTERFACE:${SLUICE_WASM_RT}>)
target_link_libraries(sluice_pgparser INTERFACE sluice_quickjs)  # wasm2c's run time
set_target_properties(sluice_pgparser PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF CXX_CLANG_TIDY "" C_STANDARD 11)
