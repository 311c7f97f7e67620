# The page of `sluice studio`: built by vite from studio/, and embedded in the program. It is built once for each state
# of its sources, in build/studio of the source tree, whatever number of presets want it; the presets that only test
# C++ do without.
option(SLUICE_STUDIO_PAGE "Build the page of sluice studio (npm and vite)" ON)

set(studio_build ${PROJECT_SOURCE_DIR}/build/studio)
if(SLUICE_STUDIO_PAGE)
  set(studio_pack ${studio_build}/studio.pack)
  file(GLOB_RECURSE studio_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/studio/src/*)
  foreach(file build.mjs index.html package.json package-lock.json tsconfig.json vite.config.ts)
    list(APPEND studio_sources ${PROJECT_SOURCE_DIR}/studio/${file})
  endforeach()
  add_custom_command(
    OUTPUT ${studio_pack}
    COMMAND ${SLUICE_NODE} ${PROJECT_SOURCE_DIR}/studio/build.mjs ${studio_build}
    DEPENDS ${studio_sources}
    COMMENT "Building the page of sluice studio"
    VERBATIM)
else()
  set(studio_pack ${PROJECT_BINARY_DIR}/no-studio.pack)
  file(WRITE ${studio_pack} "\n\n")
endif()

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/studio_page.c @ONLY CONTENT [=[
// The page as data of the program. Written by cmake/studio.cmake.
__asm__(".section .rodata\n.balign 64\n.global sluice_studio_pack\nsluice_studio_pack:\n.incbin \"@studio_pack@\"\n"
        ".global sluice_studio_pack_end\nsluice_studio_pack_end:\n.byte 0\n.previous\n");
]=])
add_library(sluice_studio_page STATIC ${PROJECT_BINARY_DIR}/studio_page.c)
set_source_files_properties(${PROJECT_BINARY_DIR}/studio_page.c PROPERTIES OBJECT_DEPENDS ${studio_pack})
# The compiler launcher would not see that the embedded file has changed.
set_target_properties(sluice_studio_page PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF C_COMPILER_LAUNCHER "")
