# What reading TypeScript needs besides C++ sources, all made at build time from the npm packages in package-lock.json:
#
#   sluice_quickjs             QuickJS-ng: WebAssembly translated to C by wasm2c
#   sluice_make_image          program that evaluates drizzle-orm in it and saves the engine's memory
#   sluice_typescript_engine   both of them and the embedded files: esbuild, scripts, memory images
#
# SLUICE_TYPESCRIPT_SOURCES are the C++ sources that the library adds to its own.

find_program(SLUICE_NPM npm REQUIRED)
find_program(SLUICE_NODE node REQUIRED)
find_program(SLUICE_WASM2C wasm2c REQUIRED)
find_path(SLUICE_WASM_RT wasm-rt-impl.c PATHS /usr/share/wabt/wasm2c REQUIRED)

set(ts ${PROJECT_SOURCE_DIR}/src/read/typescript)
set(ts_build ${PROJECT_BINARY_DIR}/typescript)
set(ts_npm ${ts_build}/npm)          # package.json, package-lock.json, node_modules: each build directory has its own
set(ts_packages ${ts_npm}/node_modules)
file(MAKE_DIRECTORY ${ts_npm})

# ---- npm packages -------------------------------------------------------------------------------------------------
# Only `dependencies`; test packages are not needed here. What the build uses is copied out if it is different, so that
# a new test package in the lock file does not rebuild the engine.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(ts_esbuild_package @esbuild/linux-arm64)
else()
  set(ts_esbuild_package @esbuild/linux-x64)
endif()
set(ts_quickjs ${ts_packages}/@jitl/quickjs-ng-wasmfile-release-sync/dist)
add_custom_command(
  OUTPUT ${ts_npm}/installed
  COMMAND ${CMAKE_COMMAND} -E copy ${PROJECT_SOURCE_DIR}/package.json ${PROJECT_SOURCE_DIR}/package-lock.json ${ts_npm}
  COMMAND ${SLUICE_NPM} ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E touch ${ts_npm}/installed
  DEPENDS ${PROJECT_SOURCE_DIR}/package.json ${PROJECT_SOURCE_DIR}/package-lock.json
  WORKING_DIRECTORY ${ts_npm}
  COMMENT "Installing npm packages for the build"
  VERBATIM)
add_custom_command(
  OUTPUT ${ts_build}/quickjs.wasm ${ts_build}/emscripten-module.cjs ${ts_build}/esbuild
  COMMAND ${CMAKE_COMMAND} -E copy_if_different ${ts_quickjs}/emscripten-module.wasm ${ts_build}/quickjs.wasm
  COMMAND ${CMAKE_COMMAND} -E copy_if_different ${ts_quickjs}/emscripten-module.cjs ${ts_build}/emscripten-module.cjs
  COMMAND ${CMAKE_COMMAND} -E copy_if_different ${ts_packages}/${ts_esbuild_package}/bin/esbuild ${ts_build}/esbuild
  DEPENDS ${ts_npm}/installed
  VERBATIM)

# ---- the engine ---------------------------------------------------------------------------------------------------
add_custom_command(
  OUTPUT ${ts_build}/qjs.c ${ts_build}/qjs.h ${ts_build}/qjs_names.h
  COMMAND ${SLUICE_WASM2C} --module-name=qjs ${ts_build}/quickjs.wasm -o ${ts_build}/qjs.c
  COMMAND ${SLUICE_NODE} ${ts}/build/translate.mjs ${ts_build} ${ts_build}/qjs qjs_host
  DEPENDS ${ts_build}/quickjs.wasm ${ts_build}/emscripten-module.cjs ${ts}/build/translate.mjs
  COMMENT "Translating QuickJS to C"
  VERBATIM)
add_library(sluice_quickjs STATIC ${ts_build}/qjs.c ${ts_build}/qjs.h ${ts_build}/qjs_names.h
  ${SLUICE_WASM_RT}/wasm-rt-impl.c)
# No signal handlers: with them every segmentation fault of the process would look like one of the script's. No count of
# the call depth, which costs a quarter of the time: QuickJS's own check for deep recursion comes long before the end of
# the thread's stack (engine.cpp).
target_compile_options(sluice_quickjs PRIVATE -w -O2 -g0 -fno-strict-aliasing)
target_compile_definitions(sluice_quickjs PUBLIC WASM_RT_MEMCHECK_SIGNAL_HANDLER=0 WASM_RT_USE_STACK_DEPTH_COUNT=0)
target_include_directories(sluice_quickjs SYSTEM PUBLIC $<BUILD_INTERFACE:${ts_build}> $<BUILD_INTERFACE:${SLUICE_WASM_RT}>)
target_link_libraries(sluice_quickjs PUBLIC m)
set_target_properties(sluice_quickjs PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF CXX_CLANG_TIDY "" C_STANDARD 11)

# ---- scripts and images of the engine's memory --------------------------------------------------------------------
set(ts_platform ${ts}/js/prelude.js ${ts}/js/hashes.js ${ts}/js/stand_ins.js ${ts}/js/node.js ${ts}/js/modules.js)
file(GLOB ts_extract CONFIGURE_DEPENDS ${ts}/js/extract/*.ts)
add_custom_command(
  OUTPUT ${ts_build}/platform.js ${ts_build}/extract.js
  COMMAND ${CMAKE_COMMAND} -E cat ${ts_platform} > ${ts_build}/platform.js
  COMMAND ${ts_build}/esbuild ${ts}/js/extract/main.ts --bundle --format=iife --target=es2022 --platform=node
    --external:drizzle-orm --minify-whitespace --minify-syntax --log-level=warning --outfile=${ts_build}/extract.js
  DEPENDS ${ts_build}/esbuild ${ts_platform} ${ts_extract}
  VERBATIM)

add_executable(sluice_make_image
  ${ts}/build/make_image.cpp
  ${ts}/drizzle_image.cpp
  ${ts}/engine.cpp
  ${ts}/engine_host.cpp
  ${ts}/engine_memory.cpp
  ${ts}/esbuild.cpp
  ${ts}/memory_image.cpp
  ${ts}/thrown_value.cpp
  ${PROJECT_SOURCE_DIR}/src/base/files.cpp
  ${PROJECT_SOURCE_DIR}/src/base/glob.cpp
  ${PROJECT_SOURCE_DIR}/src/base/interrupt.cpp
  ${PROJECT_SOURCE_DIR}/src/base/process.cpp
  ${PROJECT_SOURCE_DIR}/src/base/sha256.cpp
  ${PROJECT_SOURCE_DIR}/src/base/text.cpp)
target_include_directories(sluice_make_image PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(sluice_make_image PRIVATE sluice_warnings sluice_quickjs nlohmann_json::nlohmann_json
  ${SLUICE_FMT})

foreach(image stable:drizzle-orm next:drizzle-orm-v1)
  string(REPLACE ":" ";" image ${image})
  list(GET image 0 name)
  list(GET image 1 package)
  add_custom_command(
    OUTPUT ${ts_build}/drizzle-${name}.image
    COMMAND sluice_make_image ${ts_build}/esbuild ${ts_packages}/${package} ${ts_build}/platform.js
      ${ts}/js/registry.txt ${ts_build}/extract.js ${ts_build}/drizzle-${name}.image
    DEPENDS sluice_make_image ${ts_npm}/installed ${ts_build}/esbuild ${ts_build}/platform.js ${ts_build}/extract.js
      ${ts}/js/registry.txt
    COMMENT "Evaluating ${package}"
    VERBATIM)
endforeach()

# ---- embedding ----------------------------------------------------------------------------------------------------
file(GLOB SLUICE_TYPESCRIPT_SOURCES CONFIGURE_DEPENDS ${ts}/*.cpp)
file(GLOB ts_headers CONFIGURE_DEPENDS ${ts}/*.hpp)
# versions: drizzle-orm stable, next, esbuild, its checksum. sums: over everything that the result of a reading depends on.
add_custom_command(
  OUTPUT ${ts_build}/versions.txt ${ts_build}/sums.txt
  COMMAND ${SLUICE_NODE} ${ts}/build/versions.mjs ${ts_packages} ${ts_build}/esbuild ${ts_build}/versions.txt
  COMMAND ${CMAKE_COMMAND} -E sha256sum ${ts_build}/quickjs.wasm ${ts_build}/esbuild ${ts_build}/platform.js
    ${ts_build}/extract.js ${ts_build}/versions.txt ${ts}/js/registry.txt ${SLUICE_TYPESCRIPT_SOURCES} ${ts_headers}
    > ${ts_build}/sums.txt
  DEPENDS ${ts_npm}/installed ${ts_build}/esbuild ${ts_build}/platform.js ${ts_build}/extract.js ${ts}/js/registry.txt
    ${ts}/build/versions.mjs ${SLUICE_TYPESCRIPT_SOURCES} ${ts_headers}
  VERBATIM)

set(ts_embedded "")
set(ts_embedded_files "")
foreach(part esbuild:esbuild platform:platform.js extract:extract.js drizzle_stable:drizzle-stable.image
    drizzle_next:drizzle-next.image versions:versions.txt sums:sums.txt)
  string(REPLACE ":" ";" part ${part})
  list(GET part 0 name)
  list(GET part 1 file)
  list(APPEND ts_embedded_files ${ts_build}/${file})
  string(APPEND ts_embedded "SLUICE_PART(${name}, \"${ts_build}/${file}\")\n")
endforeach()
string(APPEND ts_embedded "SLUICE_PART(registry, \"${ts}/js/registry.txt\")\n")
list(APPEND ts_embedded_files ${ts}/js/registry.txt)
configure_file(${ts}/build/embedded.c.in ${ts_build}/embedded.c @ONLY)

add_library(sluice_typescript_engine STATIC ${ts_build}/embedded.c)
set_source_files_properties(${ts_build}/embedded.c PROPERTIES OBJECT_DEPENDS "${ts_embedded_files}")
target_link_libraries(sluice_typescript_engine PUBLIC sluice_quickjs)
set_target_properties(sluice_typescript_engine PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
# The compiler launcher would not see that the embedded files have changed.
set_target_properties(sluice_typescript_engine PROPERTIES C_COMPILER_LAUNCHER "")
